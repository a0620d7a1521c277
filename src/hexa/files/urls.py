from django.urls import path

from hexa.files import views

urlpatterns = [
    path("workspaces/<slug:slug>/files/", views.files, name="files"),
    path(
        "workspaces/<slug:slug>/files/<str:drive>/<path:folder>",
        views.folder,
        name="files_path",
    ),
    path("workspaces/<slug:slug>/files/<str:drive>/", views.folder, name="files_drive"),
]
