import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.forms import Form
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hexa.accounts.models import User
from hexa.files import actions, errors, forms
from hexa.files.models import Deletion, Drive, Upload
from hexa.files.queries import listing, preview
from hexa.foundation.access import people
from hexa.foundation.answers import spoken
from hexa.foundation.errors import NotFound
from hexa.ui.markdown import rendered
from hexa.ui.pages import page
from hexa.ui.toasts import toast
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
    workspace = Workspace.objects.visible_to(_person(request)).find(slug=slug)
    own = Drive.objects.visible_to(_person(request)).find(
        workspace=workspace, is_own=True
    )
    own.workspace = workspace
    return redirect(own)


@people
@require_safe
def browse(request: HttpRequest, slug: str, drive: str, path: str = "") -> HttpResponse:
    """A folder; or a file, shown beside the folder it lies in."""
    found = _drive(request, slug, drive)
    folder = path[: path.rfind("/") + 1]
    context = _frame(request, found, folder)
    if path != folder:
        try:
            context |= _file(request, found, path)
        except NotFound:
            if _is_folder(request, found, path):
                return redirect(found.url_of(f"{path}/"))
            raise
    if request.headers.get("HX-Target") != "preview":
        context |= _listing(request, found, folder, path)
    return page(request, "files/browse.html", context, partials=PARTIALS)


@people
@require_safe
def download(request: HttpRequest, slug: str, drive: str, path: str) -> HttpResponse:
    found = _drive(request, slug, drive)
    return redirect(listing.download_link(found, path, by=_person(request)))


@people
@require_POST
def upload(request: HttpRequest, slug: str, drive: str) -> HttpResponse:
    """An ordinary form, for a browser without JavaScript."""
    found, folder = _drive(request, slug, drive), request.GET.get("folder", "")
    given = request.FILES.getlist("file")
    for file in given:
        actions.upload(
            found,
            folder=folder,
            name=file.name or "",
            content=file,
            content_type=file.content_type or "",
            by=_person(request),
        )
        toast(request, _("Uploaded %(name)s.") % {"name": file.name})
    return redirect(found.url_of(folder))


@people
@require_POST
def start_upload(request: HttpRequest, slug: str, drive: str) -> JsonResponse:
    given = _understood(forms.StartForm(_sent(request)))
    begun = actions.start_upload(
        _drive(request, slug, drive),
        folder=request.GET.get("folder", ""),
        name=given["name"],
        content_type=given["type"],
        by=_person(request),
    )
    size = actions.part_bytes(given["size"])
    return JsonResponse({"upload": str(begun.pk), "part_size": size})


@people
@require_POST
def part_of_upload(request: HttpRequest, slug: str) -> JsonResponse:
    given = _understood(forms.PartForm(_sent(request)))
    going = _upload(request, slug, given)
    url = actions.link_to_part(going, number=given["number"], by=_person(request))
    return JsonResponse({"url": url})


@people
@require_POST
def complete_upload(request: HttpRequest, slug: str) -> HttpResponse:
    given = _understood(forms.CompleteForm(_sent(request)))
    going = _upload(request, slug, given)
    actions.complete_upload(going, parts=given["parts"], by=_person(request))
    return HttpResponse(status=204)


@people
@require_POST
def cancel_upload(request: HttpRequest, slug: str) -> HttpResponse:
    given = _understood(forms.TicketForm(_sent(request)))
    actions.cancel_upload(_upload(request, slug, given), by=_person(request))
    return HttpResponse(status=204)


@people
@require_POST
def make_folder(request: HttpRequest, slug: str, drive: str) -> HttpResponse:
    found, folder = _drive(request, slug, drive), request.GET.get("folder", "")
    form = forms.FolderForm(request.POST)
    name = form.cleaned_data["name"] if form.is_valid() else ""
    try:
        made = actions.make_folder(found, folder=folder, name=name, by=_person(request))
    except (errors.BadName, errors.NameTaken) as refusal:
        form.add_error("name", spoken(refusal))
        context = _frame(request, found, folder) | _listing(
            request, found, folder, folder
        )
        context |= {"folder_form": form}
        return page(request, "files/browse.html", context, status=refusal.status)
    return redirect(found.url_of(made))


@people
@require_POST
def delete(request: HttpRequest, slug: str, drive: str) -> HttpResponse:
    found = _drive(request, slug, drive)
    path = _understood(forms.PathForm(request.POST))["path"]
    deletion = actions.delete(found, path=path, by=_person(request))
    trimmed = path.removesuffix("/")
    text = _("Deleted %(name)s.") % {"name": trimmed.rpartition("/")[2]}
    toast(request, text, undo_url=reverse("files_undo", args=[slug, deletion.pk]))
    return redirect(found.url_of(path[: trimmed.rfind("/") + 1]))


@people
@require_POST
def undo(request: HttpRequest, slug: str, deletion_id: str) -> HttpResponse:
    workspace = Workspace.objects.visible_to(_person(request)).find(slug=slug)
    deletion = (
        Deletion.objects.visible_to(_person(request))
        .select_related("drive")
        .find(pk=deletion_id, drive__workspace=workspace)
    )
    deletion.drive.workspace = workspace
    actions.undo(deletion, by=_person(request))
    name = deletion.path.removesuffix("/").rpartition("/")[2]
    toast(request, _("%(name)s is back.") % {"name": name})
    folder = deletion.path[: deletion.path.removesuffix("/").rfind("/") + 1]
    return redirect(deletion.drive.url_of(folder))


def _frame(request: HttpRequest, drive: Drive, folder: str) -> dict[str, Any]:
    """What stands around the listing: names, addresses and what may be done."""
    slug, query = drive.workspace.slug, f"?{urlencode({'folder': folder})}"
    here = [slug, drive.name]
    return {
        "workspace": drive.workspace,
        "drive": drive,
        "folder": folder,
        "folder_url": drive.url_of(folder),
        "address": drive.address_of(folder),
        "crumbs": list(_crumbs(drive, folder)),
        "may_write": drive.access_for(_person(request)) == "write",
        "folder_form": forms.FolderForm(),
        "empty_line": f'df.to_csv("{drive.address_of(folder)}cases.csv")',
        "make_folder_url": reverse("files_make_folder", args=here) + query,
        "upload_url": reverse("files_upload", args=here) + query,
        "start_url": reverse("files_start", args=here) + query,
        "delete_url": reverse("files_delete", args=here),
    }


def _crumbs(drive: Drive, folder: str) -> Iterator[Crumb]:
    yield Crumb(drive.name, drive.url_of(""))
    key = ""
    for name in folder.split("/")[:-1]:
        key += f"{name}/"
        yield Crumb(name, drive.url_of(key))


def _listing(
    request: HttpRequest, drive: Drive, folder: str, path: str
) -> dict[str, Any]:
    after = request.GET.get("after", "")
    found = listing.folder(drive, folder, after=after, by=_person(request))
    # The page of the listing stays while its files are looked at.
    kept = f"?{urlencode({'after': after})}" if after else ""
    rows = [
        Row(
            entry=entry,
            url=drive.url_of(entry.key) + ("" if entry.is_folder else kept),
            address=drive.address_of(entry.key),
            is_current=entry.key == path,
        )
        for entry in found.entries
    ]
    following = f"?{urlencode({'after': found.after})}" if found.after else ""
    return {
        "rows": rows,
        "is_first_page": not after,
        "first_url": drive.url_of(folder) if after else "",
        "next_url": drive.url_of(folder) + following if following else "",
    }


def _file(request: HttpRequest, drive: Drive, key: str) -> dict[str, Any]:
    facts = listing.facts(drive, key, by=_person(request))
    seen = preview.preview(drive, facts, by=_person(request))
    return {
        "file": facts,
        "file_address": drive.address_of(key),
        "preview": seen,
        "prose": rendered(seen.text) if seen.kind == "markdown" else "",
        "cells": _cells(seen),
        "table_rows": _table_rows(seen),
        "download_url": reverse(
            "files_download", args=[drive.workspace.slug, drive.name, key]
        ),
    }


def _cells(seen: preview.Preview) -> Sequence[tuple[Any, str]]:
    """Each cell of a notebook with its Markdown as HTML."""
    cells = seen.notebook.cells if seen.notebook else ()
    return [
        (cell, rendered(cell.source) if cell.kind == "markdown" else "")
        for cell in cells
    ]


def _table_rows(seen: preview.Preview) -> list[list[tuple[str | None, bool]]]:
    """Each cell of a table with whether it is a number."""
    if seen.table is None:
        return []
    numbers = [column.kind == "number" for column in seen.table.columns]
    return [list(zip(row, numbers, strict=True)) for row in seen.table.rows]


def _is_folder(request: HttpRequest, drive: Drive, path: str) -> bool:
    found = listing.folder(drive, f"{path}/", by=_person(request))
    return bool(found.entries)


def _sent(request: HttpRequest) -> dict[str, Any]:
    """The JSON that an island sends."""
    try:
        body = json.loads(request.body)
    except ValueError:
        raise errors.BadUpload from None
    if not isinstance(body, dict):
        raise errors.BadUpload
    return body


def _understood(form: Form) -> dict[str, Any]:
    if not form.is_valid():
        raise errors.BadUpload
    return form.cleaned_data


def _drive(request: HttpRequest, slug: str, name: str) -> Drive:
    workspace = Workspace.objects.visible_to(_person(request)).find(slug=slug)
    found = (
        Drive.objects.visible_to(_person(request)).named(name).find(workspace=workspace)
    )
    found.workspace = workspace
    return found


def _upload(request: HttpRequest, slug: str, given: dict[str, Any]) -> Upload:
    workspace = Workspace.objects.visible_to(_person(request)).find(slug=slug)
    found = (
        Upload.objects.visible_to(_person(request))
        .select_related("drive")
        .find(pk=given["upload"], drive__workspace=workspace)
    )
    found.drive.workspace = workspace
    return found


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User), "@people lets nobody else in"
    return request.user
