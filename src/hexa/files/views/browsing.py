from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hexa.files import actions, permissions
from hexa.files.forms import FolderForm, RenameForm
from hexa.files.models import Drive, Provider, Upload
from hexa.files.queries import listing, nearby
from hexa.files.views import ordering
from hexa.files.views.broken import drives_beside, told_when_broken
from hexa.files.views.looking import file_context
from hexa.files.views.naming import namings
from hexa.files.views.requests import Shown, asker, drive_named
from hexa.files.views.told import ongoing
from hexa.foundation.access import people
from hexa.foundation.errors import NotFound
from hexa.ui.pages import page
from hexa.workspaces.models import Workspace

PARTIALS = frozenset({"listing", "preview", "changes", "copy-menu"})


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the listing, with what it links to.

    Flat, since a page draws fifty: templates look fields up one by one.
    """

    id: str
    key: str
    name: str
    url: str
    is_folder: bool
    is_current: bool
    size_bytes: int | None
    modified_at: datetime | None
    etag: str


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
    target = request.headers.get("HX-Target", "")
    if target == "copy-menu":
        named = {"namings": namings(request, found, path)}
        return page(request, "files/browse.html", named, partials=PARTIALS)
    folder = path[: path.rfind("/") + 1]
    context = _frame(request, found, folder)
    if target == "changes":
        return _going_on(request, context)
    if path != folder:
        try:
            context |= file_context(request, found, path)
        except NotFound:
            return _elsewhere(request, found, path)
    if target != "preview":
        context |= _listing(request, found, folder, path)
    response = page(request, "files/browse.html", context, partials=PARTIALS)
    if context["may_write"] and found.provider == Provider.GCS:
        _let_send_to(response, settings.GOOGLE_STORAGE_URL)
    if "listed" in context:
        context["listed"].heal_after(response)
    return response


def _let_send_to(response: HttpResponse, origin: str) -> None:
    """Uploads may go straight there, where the bucket lets our pages in."""
    # As django-csp's own decorators say it, which want it known before a request.
    response._csp_update = {"connect-src": [origin]}  # type: ignore[attr-defined]  # noqa: SLF001


def _going_on(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """When all of it is over, the listing is told to look again."""
    response = page(request, "files/browse.html", context, partials=PARTIALS)
    if not context["is_going_on"]:
        response["HX-Trigger"] = "hexa-changed"
    return response


def _elsewhere(request: HttpRequest, drive: Drive, path: str) -> HttpResponse:
    """A folder asked for like a file; or a file that is not there."""
    if _is_folder(request, drive, path):
        return redirect(drive.url_of(f"{path}/"))
    actions.forget(drive, path, by=asker(request))
    return _missing(request, drive, path)


@people
@require_safe
@told_when_broken
def download(request: HttpRequest, slug: str, drive: str, path: str) -> HttpResponse:
    """With `?version=`, what the file held then."""
    found = drive_named(request, slug, drive)
    version = request.GET.get("version", "")
    link = listing.download_link(found, path, version=version, by=asker(request))
    return redirect(link)


def _missing(request: HttpRequest, drive: Drive, path: str) -> HttpResponse:
    """Where it may be instead: moved, deleted, or of a name that looks the same."""
    found = nearby.traces(drive, path, by=asker(request))
    context = {
        "workspace": drive.workspace,
        "drive": drive,
        "name": path.removesuffix("/").rpartition("/")[2],
        "address": drive.address_of(path),
        "moved_to": [
            (str(to.address_of(key)), to.url_of(key)) for to, key in found.moved_to
        ],
        "similar": [(key, drive.url_of(key)) for key in found.similar],
        "is_in_trash": found.is_in_trash,
        "trash_url": reverse(
            "files_trash", args=[drive.workspace.slug, drive.name, path]
        ),
        "folder_url": drive.url_of(path[: path.removesuffix("/").rfind("/") + 1]),
    }
    return page(request, "files/missing.html", context, status=404)


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
    shown = Shown.of(drive, folder, request.GET)
    state = shown.query
    changes = ongoing(request, drive, state)
    may_write = drive.access_for(asker(request)) == "write"
    return {
        "shown": shown,
        "changes": changes,
        "is_going_on": any(one.change.is_open for one in changes),
        "page_keys": _keys(may_write=may_write),
        "name_of_folder": folder.removesuffix("/").rpartition("/")[2],
        "zip_url": reverse("files_zip", args=here) + state,
        "move_url": reverse("files_move", args=here) + state,
        "copy_url": reverse("files_copy", args=here) + state,
        "rename_url": reverse("files_rename", args=here) + state,
        "versions_url": reverse("files_versions", args=[*here, "-"])[:-1],
        "download_base": reverse("files_download", args=[*here, "-"])[:-1],
        "trash_url": reverse("files_trash", args=[*here, folder])
        if folder
        else reverse("files_trash_drive", args=here),
        "rename_form": RenameForm(auto_id="rename_%s"),
        "workspace": drive.workspace,
        "drive": drive,
        "drives": drives_beside(request, drive),
        "may_manage": permissions.MANAGE_DRIVES.allows(asker(request), drive.workspace),
        "folder": folder,
        "folder_url": drive.url_of(folder),
        "folder_namings": namings(request, drive, folder),
        "crumbs": list(crumbs_to(drive, folder)),
        "search_url": reverse("files_search", args=here),
        "may_write": may_write,
        "folder_form": FolderForm(),
        "empty_line": f'df.to_csv("{drive.address_of(folder)}cases.csv")',
        "make_folder_url": reverse("files_make_folder", args=here) + query,
        "upload_url": reverse("files_upload", args=here) + query,
        "upload_addresses": _upload_addresses(drive, query),
        "unfinished": Upload.objects.visible_to(asker(request)).resumable(drive),
        "delete_url": reverse("files_delete", args=here) + state,
    }


def _keys(*, may_write: bool) -> list[tuple[str, list[str]]]:
    """The keys of the listing, for the page that shows them."""
    writing = [(_("Rename"), ["F2"]), (_("Delete"), [_("Del")])]
    return [
        (_("Next, previous file"), ["↓", "↑"]),
        (_("First, last file"), ["Home", "End"]),
        (_("Open"), ["Enter"]),
        (_("Look at the next, previous file"), ["→", "←"]),
        (_("Choose"), [_("Space bar")]),
        (_("Choose several"), ["Shift", "↓"]),
        (_("Choose all"), ["Ctrl", "A"]),
        (_("Choose none"), ["Esc"]),
        *(writing if may_write else []),
        (_("In a table: choose cells"), ["Shift", "→", "↓"]),
        (_("In a table: copy the chosen cells"), ["Ctrl", "C"]),
        (_("In a table: go to the head of a column"), ["↑"]),
        (_("On the head of a column: wider, narrower"), ["Shift", "→", "←"]),
    ]


def _upload_addresses(drive: Drive, query: str) -> dict[str, str]:
    """Where the island of uploads asks for what; the query names the folder."""
    slug = drive.workspace.slug
    of_drive = {
        name: reverse(f"files_{name}", args=[slug, drive.name]) + query
        for name in ("check", "offer", "stored")
    }
    of_upload = {
        name: reverse(f"files_{name}", args=[slug])
        for name in ("resume", "part", "complete", "cancel")
    }
    return of_drive | of_upload


def crumbs_to(drive: Drive, folder: str) -> Iterator[Crumb]:
    yield Crumb(drive.name, drive.url_of(""))
    key = ""
    for name in folder.split("/")[:-1]:
        key += f"{name}/"
        yield Crumb(name, drive.url_of(key))


def _listing(
    request: HttpRequest, drive: Drive, folder: str, path: str
) -> dict[str, Any]:
    shown = Shown.of(drive, folder, request.GET)
    found = ordering.listed(request, drive, folder)
    entries = [one for one in found.entries if shown.has_hidden or not one.is_hidden]
    sort = {key: text for key, text in found.state.items() if key == "sort"}
    rows = [
        Row(
            id=f"row-{number}",
            key=entry.key,
            name=entry.name,
            # The page of the listing stays while its files are looked at.
            url=shown.url_of(entry.key, sort if entry.is_folder else found.state),
            is_folder=entry.is_folder,
            is_current=entry.key == path,
            size_bytes=entry.size_bytes,
            modified_at=entry.modified_at,
            etag=entry.etag,
        )
        for number, entry in enumerate(entries)
    ]
    return {
        "listed": found,
        "rows": rows,
        "hidden_count": len(found.entries) - len(entries),
        "hidden_url": shown.with_hidden(not shown.has_hidden).url_of(path, found.state),
        "is_first_page": found.previous is None,
        "previous_url": ""
        if found.previous is None
        else shown.url_of(folder, found.previous),
        "next_url": shown.url_of(folder, found.next) if found.next else "",
    }


def _is_folder(request: HttpRequest, drive: Drive, path: str) -> bool:
    found = listing.folder(drive, f"{path}/", by=asker(request))
    return bool(found.entries)
