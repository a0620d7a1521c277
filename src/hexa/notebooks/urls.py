from django.urls import path

from hexa.notebooks import views

urlpatterns = [
    path("workspaces/<slug:slug>/notebooks/", views.notebooks, name="notebooks"),
    path(
        "workspaces/<slug:slug>/notebooks/open/",
        views.open_notebooks,
        name="notebooks_open",
    ),
    path(
        "workspaces/<slug:slug>/notebooks/waiting/",
        views.waiting,
        name="notebooks_waiting",
    ),
    path(
        "workspaces/<slug:slug>/notebooks/progress/",
        views.progress,
        name="notebooks_progress",
    ),
    path("workspaces/<slug:slug>/notebooks/stop/", views.stop, name="notebooks_stop"),
    path(
        "workspaces/<slug:slug>/notebooks/restart/",
        views.restart,
        name="notebooks_restart",
    ),
    path("internal/sessions/environment/", views.start_environment),
    path("api/session/", views.session),
    path("api/session/credentials/s3/", views.credentials),
    path("api/session/google/token/", views.google_token),
    path("api/session/link/", views.link),
    path("api/session/welcome/", views.welcome),
    path("api/session/activity/", views.activity),
    path("api/session/stop/", views.stop_own),
    path("api/session/restart/", views.restart_own),
]
