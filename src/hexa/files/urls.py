from django.urls import path, register_converter

from hexa.files import views


class DriveName:
    regex = r"(?:s3|gcs):[A-Za-z0-9][A-Za-z0-9._-]{1,221}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(DriveName, "drive")

FILES = "workspaces/<slug:slug>/files/"
# Verbs stand before the drive, since behind it any word may be a file's name.
urlpatterns = [
    path(FILES, views.files, name="files"),
    path(f"{FILES}upload/<drive:drive>/", views.upload, name="files_upload"),
    path(
        f"{FILES}uploads/start/<drive:drive>/", views.start_upload, name="files_start"
    ),
    path(f"{FILES}uploads/part/", views.part_of_upload, name="files_part"),
    path(f"{FILES}uploads/complete/", views.complete_upload, name="files_complete"),
    path(f"{FILES}uploads/cancel/", views.cancel_upload, name="files_cancel"),
    path(
        f"{FILES}make-folder/<drive:drive>/",
        views.make_folder,
        name="files_make_folder",
    ),
    path(f"{FILES}delete/<drive:drive>/", views.delete, name="files_delete"),
    path(f"{FILES}undo/<uuid:deletion_id>/", views.undo, name="files_undo"),
    path(
        f"{FILES}download/<drive:drive>/<path:path>",
        views.download,
        name="files_download",
    ),
    path(f"{FILES}<drive:drive>/", views.browse, name="files_drive"),
    path(f"{FILES}<drive:drive>/<path:path>", views.browse, name="files_path"),
]
