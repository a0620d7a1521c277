from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from hexa.files import actions, permissions
from hexa.files.forms import FolderForm
from hexa.files.models import Drive
from hexa.files.queries import listing
from hexa.files.views import ordering
from hexa.files.views.broken import drives_beside, told_when_broken
from hexa.files.views.looking import file_context
from hexa.files.views.requests import asker, drive_named
from hexa.foundation.access import people
from hexa.foundation.errors import NotFound
from hexa.ui.pages import page
from hexa.workspaces.models import Workspace
from hexakit import Address

PARTIALS = frozenset({"listing", "preview"})


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the listing, with what it links to."""

    entry: listing.Entry
    url: str
    address: Address
    is_current: bool


@dataclass(frozen=True, slots=True)
class Crumb:
    name: str
    url: str


@people
@require_safe
def files(request: HttpRequest, slug: str) -> HttpResponse:
    """The workspace's own drive."""
    workspace = Workspace.objects.visible_to(asker(request)).find(slug=slug)
    own = Drive.objects.visible_to(asker(request)).find(
        workspace=workspace, is_own=True
    )
    own.workspace = workspace
    return redirect(own)


@people
@require_safe
@told_when_broken
def browse(request: HttpRequest, slug: str, drive: str, path: str = "") -> HttpResponse:
    """A folder; or a file, shown beside the folder it lies in."""
    found = drive_named(request, slug, drive)
    folder = path[: path.rfind("/") + 1]
    context = _frame(request, found, folder)
    if path != folder:
        try:
            context |= file_context(request, found, path)
        except NotFound:
            if _is_folder(request, found, path):
                return redirect(found.url_of(f"{path}/"))
            actions.forget(found, path, by=asker(request))
            raise
    if request.headers.get("HX-Target") != "preview":
        context |= _listing(request, found, folder, path)
    response = page(request, "files/browse.html", context, partials=PARTIALS)
    if "listed" in context:
        context["listed"].heal_after(response)
    return response


@people
@require_safe
@told_when_broken
def download(request: HttpRequest, slug: str, drive: str, path: str) -> HttpResponse:
    found = drive_named(request, slug, drive)
    return redirect(listing.download_link(found, path, by=asker(request)))


def browse_again(
    request: HttpRequest, drive: Drive, folder: str, *, form: FolderForm, status: int
) -> HttpResponse:
    """The folder, with the form that was refused and why."""
    context = _frame(request, drive, folder) | _listing(request, drive, folder, folder)
    context |= {"folder_form": form}
    return page(request, "files/browse.html", context, status=status)


def _frame(request: HttpRequest, drive: Drive, folder: str) -> dict[str, Any]:
    """What stands around the listing: names, addresses and what may be done."""
    slug, query = drive.workspace.slug, f"?{urlencode({'folder': folder})}"
    here = [slug, drive.name]
    return {
        "workspace": drive.workspace,
        "drive": drive,
        "drives": drives_beside(request, drive),
        "may_manage": permissions.MANAGE_DRIVES.allows(asker(request), drive.workspace),
        "folder": folder,
        "folder_url": drive.url_of(folder),
        "address": drive.address_of(folder),
        "crumbs": list(crumbs_to(drive, folder)),
        "search_url": reverse("files_search", args=here),
        "may_write": drive.access_for(asker(request)) == "write",
        "folder_form": FolderForm(),
        "empty_line": f'df.to_csv("{drive.address_of(folder)}cases.csv")',
        "make_folder_url": reverse("files_make_folder", args=here) + query,
        "upload_url": reverse("files_upload", args=here) + query,
        "start_url": reverse("files_start", args=here) + query,
        "delete_url": reverse("files_delete", args=here),
    }


def crumbs_to(drive: Drive, folder: str) -> Iterator[Crumb]:
    yield Crumb(drive.name, drive.url_of(""))
    key = ""
    for name in folder.split("/")[:-1]:
        key += f"{name}/"
        yield Crumb(name, drive.url_of(key))


def _listing(
    request: HttpRequest, drive: Drive, folder: str, path: str
) -> dict[str, Any]:
    found = ordering.listed(request, drive, folder)
    sort = {key: text for key, text in found.state.items() if key == "sort"}

    def url(key: str, state: dict[str, str]) -> str:
        return drive.url_of(key) + (f"?{urlencode(state)}" if state else "")

    rows = [
        Row(
            entry=entry,
            # The page of the listing stays while its files are looked at.
            url=url(entry.key, sort if entry.is_folder else found.state),
            address=drive.address_of(entry.key),
            is_current=entry.key == path,
        )
        for entry in found.entries
    ]
    return {
        "listed": found,
        "rows": rows,
        "is_first_page": found.previous is None,
        "previous_url": "" if found.previous is None else url(folder, found.previous),
        "next_url": url(folder, found.next) if found.next else "",
    }


def _is_folder(request: HttpRequest, drive: Drive, path: str) -> bool:
    found = listing.folder(drive, f"{path}/", by=asker(request))
    return bool(found.entries)
