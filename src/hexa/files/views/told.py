"""What a change did, in words, with the way back."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hexa.files.models import Change, ChangedPath, ChangeKind, Drive
from hexa.files.views.requests import asker
from hexa.ui.toasts import toast

# For how long the end of a large change is told.
_TOLD_FOR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Told:
    """A large change, and what may be done about it."""

    change: Change
    words: str
    detail: str
    left: str
    stop_url: str
    undo_url: str
    dismiss_url: str


def ongoing(request: HttpRequest, drive: Drive, query: str) -> list[Told]:
    """The large changes of who asks, open ones and those that ended lately."""
    since = timezone.now() - _TOLD_FOR
    mine = (
        Change.objects.visible_to(asker(request))
        .filter(drive__workspace=drive.workspace)
        .of_interest_to(asker(request), since=since)
        .select_related("drive", "target_drive", "undoes")
        .prefetch_related("paths", "undoes__paths")[:5]
    )

    def url(name: str, change: Change) -> str:
        return reverse(name, args=[drive.workspace.slug, change.pk]) + query

    return [
        Told(
            one,
            words=doing(one) if one.is_open else said(one),
            detail=so_far(one),
            left=said_of_left(one.left) if one.left else "",
            stop_url=url("files_stop", one),
            undo_url=url("files_undo", one) if can_be_undone(one) else "",
            dismiss_url=url("files_dismiss", one),
        )
        for one in mine
    ]


def tell(request: HttpRequest, change: Change) -> None:
    """Of one that is over. One still going on is told of by the page itself."""
    if change.is_open:
        return
    undo_url = reverse("files_undo", args=[change.drive.workspace.slug, change.pk])
    toast(request, said(change), undo_url=undo_url if can_be_undone(change) else "")
    if change.left:
        toast(request, said_of_left(change.left), level=messages.WARNING)


def can_be_undone(change: Change) -> bool:
    return change.kind != ChangeKind.UNDO and change.done > 0


def said(change: Change) -> str:
    """Of what was done; while it is open, of what is being done."""
    paths = list((change.undoes or change).paths.all()[:2])
    count = (change.undoes or change).paths.count() if len(paths) > 1 else 1
    names = {"count": count, "name": paths[0].name if paths else "", "to": ""}
    if change.kind == ChangeKind.UNDO:
        return _undone(names)
    if change.kind == ChangeKind.DELETE:
        return _deleted(names)
    names["to"] = _place(change.target_drive or change.drive, paths[0])
    if change.kind == ChangeKind.COPY:
        return _copied(names)
    return _moved(change, paths[0], names)


def doing(change: Change) -> str:
    """While it goes on."""
    words = {
        ChangeKind.MOVE: _("Moving %(name)s"),
        ChangeKind.COPY: _("Copying %(name)s"),
        ChangeKind.DELETE: _("Deleting %(name)s"),
        ChangeKind.UNDO: _("Bringing back %(name)s"),
    }
    paths = (change.undoes or change).paths
    name, more = paths.all()[0].name, paths.count() - 1
    if more:
        name = ngettext(
            "%(name)s and %(count)s more", "%(name)s and %(count)s more", more
        ) % {"name": name, "count": more}
    return words[ChangeKind(change.kind)] % {"name": name}


def so_far(change: Change) -> str:
    done = change.done + change.left
    numbers = {"done": number_format(done), "found": number_format(change.found or 0)}
    if change.found is None:
        return _("counting the files")
    return _("%(done)s of %(found)s files") % numbers


def said_of_left(count: int) -> str:
    return ngettext(
        "%(count)s file was left as it is: somebody changed it meanwhile, or a file of its name is there.",
        "%(count)s files were left as they are: somebody changed them meanwhile, or files of their names are there.",
        count,
    ) % {"count": count}


def _deleted(names: dict[str, object]) -> str:
    if names["count"] == 1:
        return _("Deleted %(name)s.") % names
    return _("Deleted %(count)s files and folders.") % names


def _undone(names: dict[str, object]) -> str:
    if names["count"] == 1:
        return _("%(name)s is back.") % names
    return _("%(count)s files and folders are back.") % names


def _copied(names: dict[str, object]) -> str:
    if names["count"] == 1:
        return _("Copied %(name)s to %(to)s") % names
    return _("Copied %(count)s files and folders to %(to)s") % names


def _moved(change: Change, path: ChangedPath, names: dict[str, object]) -> str:
    is_here = change.target_drive_id in {None, change.drive_id}
    if is_here and _folder(path.source) == _folder(path.target):
        new_name = path.target.removesuffix("/").rpartition("/")[2]
        return _("Renamed %(old)s to %(new)s.") % {"old": path.name, "new": new_name}
    if names["count"] == 1:
        return _("Moved %(name)s to %(to)s") % names
    return _("Moved %(count)s files and folders to %(to)s") % names


def _place(drive: Drive, path: ChangedPath) -> str:
    return str(drive.address_of(_folder(path.target)))


def _folder(key: str) -> str:
    return key[: key.removesuffix("/").rfind("/") + 1]
