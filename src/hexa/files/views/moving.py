"""Moving and copying: the choice of a folder, and what comes of it."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from hexa.files import actions, errors, forms
from hexa.files.actions import Destination, IfTaken
from hexa.files.models import Access, Drive
from hexa.files.permissions import WRITE_FILES
from hexa.files.queries import listing
from hexa.files.views.broken import told_when_broken
from hexa.files.views.browsing import Crumb
from hexa.files.views.changing import ask_if_taken
from hexa.files.views.requests import Shown, asker, drive_named, folder_at
from hexa.files.views.told import tell
from hexa.foundation.access import people
from hexa.foundation.answers import spoken
from hexa.foundation.errors import NotFound
from hexa.ui.pages import page


@people
@told_when_broken
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, slug: str, drive: str) -> HttpResponse:
    return _carry(request, slug, drive, is_move=True)


@people
@told_when_broken
@require_http_methods(["GET", "POST"])
def copy(request: HttpRequest, slug: str, drive: str) -> HttpResponse:
    return _carry(request, slug, drive, is_move=False)


def _carry(
    request: HttpRequest, slug: str, drive: str, *, is_move: bool
) -> HttpResponse:
    found = drive_named(request, slug, drive)
    WRITE_FILES.require(asker(request), found.workspace)
    form = forms.MoveForm(request.POST if request.method == "POST" else request.GET)
    if not form.is_valid():
        raise errors.BadUpload
    given = form.cleaned_data
    if not given["path"]:
        raise errors.NothingChosen
    if request.method == "GET":
        return _choose(request, found, given["path"], given["to"], is_move=is_move)
    if not given["to"]:
        # Ticked in a listing: where to is asked on a page with an address of its own.
        query = [("path", one) for one in given["path"]]
        here = Shown.before(request, found).query.removeprefix("?")
        return redirect(f"{request.path}?{here}&{urlencode(query)}")
    return _carried(request, found, given, is_move=is_move)


def _carried(
    request: HttpRequest, drive: Drive, given: dict[str, Any], *, is_move: bool
) -> HttpResponse:
    paths = given["path"]
    try:
        to_drive, folder = folder_at(request, drive.workspace.slug, given["to"])
        to = Destination(
            to_drive,
            folder,
            if_taken=IfTaken(given["if_taken"]),
            seen=given["seen"],
            confirmed=given["confirm"],
        )
        verb = actions.move if is_move else actions.copy
        change = verb(drive, paths=paths, to=to, by=asker(request))
    except errors.TargetTaken as taken:
        return ask_if_taken(request, drive, taken, paths)
    except (
        errors.BadPlace,
        errors.DriveNotFound,
        errors.IntoItself,
        errors.ThereAlready,
        errors.ReadOnlyDrive,
    ) as refusal:
        return _choose(
            request,
            drive,
            paths,
            given["to"],
            is_move=is_move,
            problem=spoken(refusal),
            status=refusal.status,
        )
    tell(request, change)
    return redirect(Shown.before(request, drive).url)


def _choose(
    request: HttpRequest,
    drive: Drive,
    paths: list[str],
    to: str,
    *,
    is_move: bool,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """Folder by folder, each with an address of its own; or by typing one."""
    slug = drive.workspace.slug
    shown = Shown.before(request, drive)
    try:
        to_drive, folder = folder_at(
            request, slug, to or str(drive.address_of(shown.folder))
        )
        folders = listing.folders(to_drive, folder, by=asker(request))
    except (errors.BadPlace, NotFound) as refusal:
        problem = problem or spoken(refusal)
        to_drive, folder, folders = drive, "", []
    here = shown.query + "&" + urlencode([("path", one) for one in paths])

    def url(target: Drive, key: str) -> str:
        return f"{here}&{urlencode({'to': str(target.address_of(key))})}"

    inside = {one for one in paths if one.endswith("/") and to_drive.pk == drive.pk}
    context = {
        "workspace": drive.workspace,
        "drive": drive,
        "is_move": is_move,
        "paths": paths,
        "first_name": paths[0].removesuffix("/").rpartition("/")[2],
        "more": len(paths) - 1,
        "to": to if problem else str(to_drive.address_of(folder)),
        "problem": problem,
        "crumbs": list(_crumbs(to_drive, folder, url)),
        "folders": [
            Crumb(name, url(to_drive, f"{folder}{name}/"))
            for name in folders
            if f"{folder}{name}/" not in inside
        ],
        "drives": [
            Crumb(one.name, url(one, ""))
            for one in Drive.objects.visible_to(asker(request)).filter(
                workspace=drive.workspace, access=Access.WRITE
            )
            if one.pk != to_drive.pk
        ],
        "action": request.path + shown.query,
        "back_url": shown.url,
    }
    return page(request, "files/choose.html", context, status=status)


def _crumbs(drive: Drive, folder: str, url: Any) -> Iterator[Crumb]:
    yield Crumb(drive.name, url(drive, ""))
    key = ""
    for name in folder.split("/")[:-1]:
        key += f"{name}/"
        yield Crumb(name, url(drive, key))
