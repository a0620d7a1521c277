"""Folders made, files renamed, deleted and brought back."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from hexa.files import actions, errors, forms
from hexa.files.models import Drive
from hexa.files.permissions import WRITE_FILES
from hexa.files.views.browsing import browse_again
from hexa.files.views.requests import (
    Shown,
    asker,
    change_named,
    cleaned,
    drive_named,
)
from hexa.files.views.told import tell
from hexa.foundation.access import people
from hexa.foundation.answers import spoken
from hexa.ui.pages import page


@people
@require_POST
def make_folder(request: HttpRequest, slug: str, drive: str) -> HttpResponse:
    found, folder = drive_named(request, slug, drive), request.GET.get("folder", "")
    form = forms.FolderForm(request.POST)
    name = form.cleaned_data["name"] if form.is_valid() else ""
    try:
        made = actions.make_folder(found, folder=folder, name=name, by=asker(request))
    except (errors.BadName, errors.NameTaken) as refusal:
        form.add_error("name", spoken(refusal))
        return browse_again(request, found, folder, form=form, status=refusal.status)
    return redirect(found.url_of(made))


@people
@require_http_methods(["GET", "POST"])
def rename(request: HttpRequest, slug: str, drive: str) -> HttpResponse:
    """The page of the form, for who has no dialog; and its answer."""
    found = drive_named(request, slug, drive)
    WRITE_FILES.require(asker(request), found.workspace)
    if request.method == "GET":
        path = request.GET.get("path", "")
        name = path.removesuffix("/").rpartition("/")[2]
        form = forms.RenameForm(initial={"path": path, "name": name})
        return _rename_page(request, found, form, path)
    if "name" not in request.POST:
        return _ask_for_name(request, found)
    form = forms.RenameForm(request.POST)
    if not form.is_valid():
        return _rename_page(request, found, form, form["path"].value() or "", 422)
    given = form.cleaned_data
    path = given["path"]
    to = actions.Destination(
        found,
        path[: path.removesuffix("/").rfind("/") + 1],
        name=given["name"],
        if_taken=actions.IfTaken(given["if_taken"]),
        seen=given["seen"],
        confirmed=given["confirm"],
    )
    try:
        change = actions.rename(
            found, path=path, to=to, etag=given["etag"], by=asker(request)
        )
    except errors.TargetTaken as taken:
        return ask_if_taken(request, found, taken, [path])
    except (errors.BadName, errors.ThereAlready) as refusal:
        form.add_error("name", spoken(refusal))
        return _rename_page(request, found, form, path, refusal.status)
    tell(request, change)
    return redirect(Shown.before(request, found).url)


def _ask_for_name(request: HttpRequest, drive: Drive) -> HttpResponse:
    """Ticked in a listing: the name is asked on a page with an address of its own."""
    paths = cleaned(forms.PathsForm(request.POST))["path"]
    if not paths:
        raise errors.NothingChosen
    if len(paths) > 1:
        raise errors.SeveralChosen
    here = Shown.before(request, drive).query
    return redirect(f"{request.path}{here}&{urlencode({'path': paths[0]})}")


def _rename_page(
    request: HttpRequest,
    drive: Drive,
    form: forms.RenameForm,
    path: str,
    status: int = 200,
) -> HttpResponse:
    context = {
        "workspace": drive.workspace,
        "drive": drive,
        "form": form,
        "name": path.removesuffix("/").rpartition("/")[2],
        "folder_url": Shown.before(request, drive).url,
    }
    return page(request, "files/rename.html", context, status=status)


def ask_if_taken(
    request: HttpRequest, drive: Drive, taken: errors.TargetTaken, paths: list[str]
) -> HttpResponse:
    """The same request again, with what to do about what stands there."""
    sent = {
        name: request.POST[name]
        for name in ("name", "etag", "to")
        if name in request.POST
    }
    context: dict[str, Any] = {
        "workspace": drive.workspace,
        "drive": drive,
        "names": taken.fields["names"],
        "seen": taken.fields["seen"],
        "word": taken.fields["word"],
        "is_wrong": bool(request.POST.get("confirm")),
        "is_again": request.POST.get("seen", "") not in {"", taken.fields["seen"]},
        "sent": sent,
        "paths": paths,
        "back_url": Shown.before(request, drive).url,
    }
    return page(request, "files/taken.html", context, status=taken.status)


@people
@require_POST
def delete(request: HttpRequest, slug: str, drive: str) -> HttpResponse:
    found = drive_named(request, slug, drive)
    given = cleaned(forms.DeleteForm(request.POST))
    paths, confirm = given["path"], given["confirm"]
    word = actions.word_for(paths) if paths else ""
    try:
        change = actions.delete(
            found,
            paths=paths,
            is_sure=actions.is_typed(confirm, word),
            by=asker(request),
        )
    except errors.NoWayBack as refusal:
        context = {
            "workspace": found.workspace,
            "drive": found,
            "paths": paths,
            "word": word,
            "is_wrong": bool(confirm),
            "back_url": Shown.before(request, found).url,
        }
        return page(request, "files/no_way_back.html", context, status=refusal.status)
    tell(request, change)
    return redirect(_shown_after(request, found, paths).url)


def _shown_after(request: HttpRequest, drive: Drive, paths: list[str]) -> Shown:
    """The page it was called from, or the folder of what went."""
    if "folder" in request.GET:
        return Shown.before(request, drive)
    return Shown(drive, paths[0][: paths[0].removesuffix("/").rfind("/") + 1])


@people
@require_POST
def undo(request: HttpRequest, slug: str, change_id: str) -> HttpResponse:
    change = change_named(request, slug, change_id)
    undoing = actions.undo(change, by=asker(request))
    actions.dismiss(change)
    tell(request, undoing)
    path = change.paths.all()[0].source
    return redirect(change.drive.url_of(path[: path.removesuffix("/").rfind("/") + 1]))


@people
@require_POST
def stop(request: HttpRequest, slug: str, change_id: str) -> HttpResponse:
    change = change_named(request, slug, change_id)
    actions.stop(change, by=asker(request))
    return redirect(Shown.before(request, change.drive).url)


@people
@require_POST
def dismiss(request: HttpRequest, slug: str, change_id: str) -> HttpResponse:
    change = change_named(request, slug, change_id)
    if change.started_by_id == asker(request).pk:
        actions.dismiss(change)
    return redirect(Shown.before(request, change.drive).url)
