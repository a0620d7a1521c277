"""What a file held before, and what was deleted: looking and taking back."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from hexa.files import actions, forms
from hexa.files.queries import history
from hexa.files.views.broken import told_when_broken
from hexa.files.views.browsing import crumbs_to
from hexa.files.views.looking import file_context
from hexa.files.views.requests import asker, cleaned, drive_named
from hexa.files.views.told import said
from hexa.foundation.access import people
from hexa.ui.pages import page
from hexa.ui.toasts import toast


@people
@told_when_broken
@require_safe
def versions(request: HttpRequest, slug: str, drive: str, path: str) -> HttpResponse:
    found = drive_named(request, slug, drive)
    seen = history.of_file(found, path, by=asker(request))
    came_from = seen.came_from
    download = reverse("files_download", args=[slug, found.name, path])
    context = {
        "workspace": found.workspace,
        "drive": found,
        "path": path,
        "name": path.rpartition("/")[2],
        "file_url": found.url_of(path),
        "crumbs": crumbs_to(found, path[: path.rfind("/") + 1]),
        "may_write": found.access_for(asker(request)) == "write",
        "history": seen,
        "now": seen.held[0].version if seen.held else None,
        "download_url": download,
        "version_url": reverse("files_version", args=[slug, found.name, path]),
        "came_from": came_from and str(came_from[0].address_of(came_from[1])),
        "came_from_url": came_from
        and reverse("files_versions", args=[slug, came_from[0].name, came_from[1]]),
        "restore_url": reverse("files_restore", args=[slug, found.name]),
    }
    return page(request, "files/versions.html", context)


@people
@told_when_broken
@require_safe
def version(request: HttpRequest, slug: str, drive: str, path: str) -> HttpResponse:
    """What a file held then, to look at."""
    found, wanted = drive_named(request, slug, drive), request.GET.get("version", "")
    seen = history.of_file(found, path, by=asker(request))
    now = seen.held[0].version if seen.held else None
    if not wanted or (now and now.id == wanted and not now.is_deletion):
        return redirect(found.url_of(path))
    held = next((one for one in seen.held if one.version.id == wanted), None)
    context = {
        **file_context(request, found, path, version=wanted),
        "workspace": found.workspace,
        "drive": found,
        "path": path,
        "who": held.who if held else "",
        "now": now,
        "file_url": found.url_of(path),
        "crumbs": crumbs_to(found, path[: path.rfind("/") + 1]),
        "may_write": found.access_for(asker(request)) == "write",
        "restore_url": reverse("files_restore", args=[slug, found.name]),
    }
    return page(request, "files/version.html", context)


@people
@require_POST
def restore(request: HttpRequest, slug: str, drive: str) -> HttpResponse:
    found = drive_named(request, slug, drive)
    given = cleaned(forms.RestoreForm(request.POST))
    path = given["path"]
    actions.restore(
        found,
        key=path,
        version=given["version"],
        seen=given["seen"],
        by=asker(request),
    )
    name = path.rpartition("/")[2]
    toast(request, _("%(name)s holds again what it held then.") % {"name": name})
    return redirect(reverse("files_versions", args=[slug, found.name, path]))


@people
@told_when_broken
@require_safe
def trash(request: HttpRequest, slug: str, drive: str, path: str = "") -> HttpResponse:
    """Of a folder, with all below it."""
    found = drive_named(request, slug, drive)
    after = request.GET.get("after", "")
    seen = history.trash(found, path, after=after, by=asker(request))
    here = request.path
    context = {
        "workspace": found.workspace,
        "drive": found,
        "folder": path,
        "folder_url": found.url_of(path[: path.rfind("/") + 1]),
        "crumbs": crumbs_to(found, path[: path.rfind("/") + 1]),
        "may_write": found.access_for(asker(request)) == "write",
        "deletions": [
            (one, said(one), reverse("files_undo", args=[slug, one.pk]))
            for one in seen.deletions
        ],
        "files": seen.files,
        "put_back_url": reverse("files_put_back", args=[slug, found.name])
        + f"?{urlencode({'folder': path})}",
        "first_url": here if after else "",
        "next_url": f"{here}?{urlencode({'after': seen.after})}" if seen.after else "",
    }
    return page(request, "files/trash.html", context)


@people
@require_POST
def put_back(request: HttpRequest, slug: str, drive: str) -> HttpResponse:
    found = drive_named(request, slug, drive)
    keys = cleaned(forms.PathsForm(request.POST))["path"]
    back = actions.put_back(found, keys=keys, by=asker(request))
    text = ngettext(
        "%(count)s file is back.", "%(count)s files are back.", len(back)
    ) % {"count": len(back)}
    toast(request, text)
    folder = request.GET.get("folder", "")
    args = [slug, found.name]
    if folder:
        return redirect(reverse("files_trash", args=[*args, folder]))
    return redirect(reverse("files_trash_drive", args=args))
