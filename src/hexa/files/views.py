from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from hexa.accounts.models import User
from hexa.files.models import Drive
from hexa.files.queries.store import store as own_store
from hexa.foundation.access import people
from hexa.ui.pages import page
from hexa.workspaces.models import Workspace


@people
@require_safe
def files(request: HttpRequest, slug: str) -> HttpResponse:
    """The workspace's own drive."""
    person = request.user
    assert isinstance(person, User)
    workspace = Workspace.objects.visible_to(person).find(slug=slug)
    return redirect(
        Drive.objects.visible_to(person).find(workspace=workspace, is_own=True)
    )


@people
@require_safe
def folder(
    request: HttpRequest, slug: str, drive: str, folder: str = ""
) -> HttpResponse:
    person = request.user
    assert isinstance(person, User)
    workspace = Workspace.objects.visible_to(person).find(slug=slug)
    provider, _, bucket = drive.partition(":")
    found = Drive.objects.visible_to(person).find(
        workspace=workspace, provider=provider, bucket=bucket
    )
    listing = own_store().list_page(found.bucket, folder)
    context = {"workspace": workspace, "drive": found, "listing": listing}
    return page(request, "files/folder.html", context)
