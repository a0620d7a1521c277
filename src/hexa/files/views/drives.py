"""The drives of a workspace: its own, and buckets that admins connect to it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from hexa.files import actions, permissions
from hexa.files.errors import OwnDriveStays
from hexa.files.models import Drive
from hexa.files.views.requests import asker, drive_named
from hexa.foundation.access import people
from hexa.ui.pages import page
from hexa.ui.toasts import toast
from hexa.workspaces.models import Workspace


@people
@require_safe
def drives(request: HttpRequest, slug: str) -> HttpResponse:
    workspace = managed(request, slug)
    found = Drive.objects.visible_to(asker(request)).filter(workspace=workspace)
    shown = list(found)
    for drive in shown:
        drive.workspace = workspace
    return page(request, "files/drives.html", {"workspace": workspace, "drives": shown})


@people
@require_POST
def check(request: HttpRequest, slug: str, drive: str) -> HttpResponse:
    found = connected(request, slug, drive)
    state = actions.check(found, by=asker(request))
    toast(request, f"{found.name}: {state.label}")
    return redirect("files_drives", slug=slug)


def managed(request: HttpRequest, slug: str) -> Workspace:
    workspace = Workspace.objects.visible_to(asker(request)).find(slug=slug)
    permissions.MANAGE_DRIVES.require(asker(request), workspace)
    return workspace


def connected(request: HttpRequest, slug: str, name: str) -> Drive:
    found = drive_named(request, slug, name)
    permissions.MANAGE_DRIVES.require(asker(request), found.workspace)
    if found.is_own:
        raise OwnDriveStays
    return found
