from django.urls import path, register_converter

from hexa.files.models import Provider
from hexa.files.views import (
    browsing,
    changing,
    connecting,
    drives,
    history,
    looking,
    moving,
    passing,
    permits,
    searching,
    uploading,
    zipping,
)


class DriveName:
    regex = r"(?:s3|gcs):[A-Za-z0-9][A-Za-z0-9._-]{1,221}(?:~[^/~]+)*"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(DriveName, "drive")

FILES = "workspaces/<slug:slug>/files/"
DRIVES = f"{FILES}drives/"
# Verbs stand before the drive, since behind it any word may be a file's name.
urlpatterns = [
    path(FILES, browsing.files, name="files"),
    path(f"{FILES}search/<drive:drive>/", searching.find, name="files_search"),
    path(f"{FILES}upload/<drive:drive>/", uploading.upload, name="files_upload"),
    path(f"{FILES}uploads/check/<drive:drive>/", uploading.check, name="files_check"),
    path(f"{FILES}uploads/offer/<drive:drive>/", uploading.offer, name="files_offer"),
    path(
        f"{FILES}uploads/stored/<drive:drive>/", uploading.stored, name="files_stored"
    ),
    path(f"{FILES}uploads/resume/", uploading.resume, name="files_resume"),
    path(f"{FILES}uploads/part/", uploading.part_of_upload, name="files_part"),
    path(f"{FILES}uploads/complete/", uploading.complete_upload, name="files_complete"),
    path(f"{FILES}uploads/cancel/", uploading.cancel_upload, name="files_cancel"),
    path(f"{FILES}uploads/discard/", uploading.discard_upload, name="files_discard"),
    path(
        f"{FILES}uploads/through/part/",
        uploading.through_part,
        name="files_through_part",
    ),
    path(
        f"{FILES}uploads/through/file/<drive:drive>/",
        uploading.through_file,
        name="files_through_file",
    ),
    path(
        f"{FILES}make-folder/<drive:drive>/",
        changing.make_folder,
        name="files_make_folder",
    ),
    path(f"{FILES}delete/<drive:drive>/", changing.delete, name="files_delete"),
    path(f"{FILES}rename/<drive:drive>/", changing.rename, name="files_rename"),
    path(f"{FILES}move/<drive:drive>/", moving.move, name="files_move"),
    path(f"{FILES}copy/<drive:drive>/", moving.copy, name="files_copy"),
    path(f"{FILES}zip/<drive:drive>/", zipping.bundle, name="files_zip"),
    path(f"{FILES}undo/<uuid:change_id>/", changing.undo, name="files_undo"),
    path(f"{FILES}stop/<uuid:change_id>/", changing.stop, name="files_stop"),
    path(f"{FILES}dismiss/<uuid:change_id>/", changing.dismiss, name="files_dismiss"),
    path(f"{FILES}restore/<drive:drive>/", history.restore, name="files_restore"),
    path(f"{FILES}put-back/<drive:drive>/", history.put_back, name="files_put_back"),
    path(
        f"{FILES}versions/<drive:drive>/<path:path>",
        history.versions,
        name="files_versions",
    ),
    path(
        f"{FILES}version/<drive:drive>/<path:path>",
        history.version,
        name="files_version",
    ),
    path(f"{FILES}trash/<drive:drive>/", history.trash, name="files_trash_drive"),
    path(f"{FILES}trash/<drive:drive>/<path:path>", history.trash, name="files_trash"),
    path(
        f"{FILES}download/<drive:drive>/<path:path>",
        browsing.download,
        name="files_download",
    ),
    path(
        f"{FILES}content/<drive:drive>/<path:path>",
        passing.content,
        name="files_content",
    ),
    path("internal/files/<str:token>", passing.passed, name="files_passed"),
    path(
        f"{FILES}notebook/<drive:drive>/<path:path>",
        looking.notebook,
        name="files_notebook",
    ),
    path(
        f"{FILES}features/<drive:drive>/<path:path>",
        looking.features,
        name="files_features",
    ),
    path(
        f"{FILES}rows/<drive:drive>/<path:path>", looking.table_rows, name="files_rows"
    ),
    path(
        f"{FILES}profile/<drive:drive>/<path:path>",
        looking.column_profile,
        name="files_profile",
    ),
    path(f"{FILES}<drive:drive>/", browsing.browse, name="files_drive"),
    path(f"{FILES}<drive:drive>/<path:path>", browsing.browse, name="files_path"),
    path(DRIVES, drives.drives, name="files_drives"),
    path(
        f"{DRIVES}connect/google/",
        connecting.connect,
        {"provider": Provider.GCS},
        name="files_connect_google",
    ),
    path(f"{DRIVES}connect/", connecting.connect, name="files_connect"),
    path(f"{DRIVES}<drive:drive>/", connecting.edit, name="files_edit_drive"),
    path(f"{DRIVES}<drive:drive>/check/", drives.check, name="files_check_drive"),
    path(
        f"{DRIVES}<drive:drive>/disconnect/",
        connecting.disconnect,
        name="files_disconnect",
    ),
    path("internal/gateway/", permits.permit),
]
