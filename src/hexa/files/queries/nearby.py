"""Where a file that is not there may be instead."""

import difflib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from hexa.files import permissions
from hexa.files.models import ChangedPath, ChangeKind, ChangeState, Drive
from hexa.files.queries.store import store_of
from hexa.foundation.actors import Actor

_SEEN = 1000
_MOST = 5


@dataclass(frozen=True, slots=True)
class Traces:
    """Most likely first; keys of folders end in "/"."""

    moved_to: Sequence[tuple[Drive, str]]
    similar: Sequence[str]
    is_in_trash: bool


def traces(drive: Drive, key: str, *, by: Actor) -> Traces:
    """Looks at the first 1 000 names of the folder, at moves, and at what hides it."""
    permissions.VIEW_FILES.require(by, drive.workspace)
    return Traces(
        moved_to=_moved_to(drive, key),
        similar=_similar(drive, key),
        is_in_trash=_is_deleted(drive, key),
    )


def _moved_to(drive: Drive, key: str) -> list[tuple[Drive, str]]:
    """By a move of the file itself, or of a folder around it."""
    around = [key[: position + 1] for position, sign in enumerate(key) if sign == "/"]
    moves = (
        ChangedPath.objects.filter(
            source__in=[key, f"{key}/", *around],
            change__drive=drive,
            change__kind=ChangeKind.MOVE,
            change__state=ChangeState.DONE,
            change__undone_by=None,
        )
        .select_related("change__target_drive", "change__drive")
        .order_by("-pk")
    )
    move = moves.first()
    if move is None:
        return []
    to = move.change.target_drive or move.change.drive
    to.workspace = drive.workspace
    return [(to, move.target + key[len(move.source) :])]


def _similar(drive: Drive, key: str) -> list[str]:
    stem = key.removesuffix("/")
    folder = stem[: stem.rfind("/") + 1]
    page = store_of(drive).list_page(drive.bucket, folder, limit=_SEEN)
    names = [*page.folders, *(one.key for one in page.objects)]
    plain = {_folded(name): name for name in names}
    near = difflib.get_close_matches(_folded(key), plain, n=_MOST, cutoff=0.75)
    return [plain[name] for name in near]


def _folded(key: str) -> str:
    """Two names of one folded form look the same, or nearly."""
    name = key.removesuffix("/").rpartition("/")[2]
    return unicodedata.normalize("NFKD", name).casefold()


def _is_deleted(drive: Drive, key: str) -> bool:
    store = store_of(drive)
    look = store.versions if key.endswith("/") else store.versions_of
    found = look(drive.bucket, key, limit=1).versions
    return bool(found) and found[0].is_latest and found[0].is_deletion
