"""A connected bucket that cannot be reached: which, why, and who can mend it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from hexa.files import actions, permissions
from hexa.files.models import Drive
from hexa.files.queries.examining import BROKEN
from hexa.files.views.requests import asker, drive_named
from hexa.foundation.answers import spoken
from hexa.ui.pages import page

DriveView = Callable[..., HttpResponse]


def told_when_broken(view: DriveView) -> DriveView:
    """The page of a drive says what is wrong with its bucket, and notes it.

    What fails in the workspace's own store is answered as everywhere.
    """

    @wraps(view)
    def guarded(
        request: HttpRequest, slug: str, drive: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        try:
            return view(request, slug, drive, *args, **kwargs)
        except BROKEN as error:
            found = drive_named(request, slug, drive)
            if found.is_own:
                raise
            actions.note(found, error)
            context = {
                "workspace": found.workspace,
                "drive": found,
                "drives": drives_beside(request, found),
                "cause": spoken(error),
                "may_manage": permissions.MANAGE_DRIVES.allows(
                    asker(request), found.workspace
                ),
            }
            return page(request, "files/broken.html", context, status=503)

    return guarded


def drives_beside(request: HttpRequest, drive: Drive) -> list[Drive]:
    """All drives of the workspace, this one too, for whoever wants to switch."""
    found = Drive.objects.visible_to(asker(request)).filter(workspace=drive.workspace)
    drives = list(found)
    for one in drives:
        one.workspace = drive.workspace
    return drives
