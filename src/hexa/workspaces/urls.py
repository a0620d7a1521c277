from django.urls import path

from hexa.workspaces import views

urlpatterns = [
    path("workspaces/create/", views.create, name="workspace_create"),
    path("workspaces/<slug:slug>/", views.workspace, name="workspace"),
    path(
        "workspaces/<slug:slug>/home-page/", views.home_page, name="workspace_home_page"
    ),
    path("workspaces/<slug:slug>/settings/", views.settings, name="workspace_settings"),
    path("workspaces/<slug:slug>/members/", views.members, name="workspace_members"),
    path(
        "workspaces/<slug:slug>/members/back/",
        views.bring_back,
        name="workspace_member_back",
    ),
    path(
        "workspaces/<slug:slug>/members/<int:membership_id>/role/",
        views.change_role,
        name="workspace_member_role",
    ),
    path(
        "workspaces/<slug:slug>/members/<int:membership_id>/remove/",
        views.remove_member,
        name="workspace_member_remove",
    ),
]
