"""Finding files by words of their names, in the index: a drive, or all one may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hexa.files import permissions
from hexa.files.index import DriveIndex, IndexEntry
from hexa.files.models import Drive
from hexa.files.queries import names
from hexa.files.queries.names import Question
from hexa.files.queries.words import Wanted, folded, marked, wanted
from hexa.foundation.actors import Actor

__all__ = ["Found", "Hit", "everywhere", "in_drive", "marked", "state"]

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Hit:
    id: int
    drive: Drive
    folder: str
    name: str
    is_folder: bool
    size_bytes: int
    modified_at: datetime | None

    @property
    def key(self) -> str:
        return f"{self.folder}{self.name}{'/' if self.is_folder else ''}"


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits by name; `after` and `before` continue it, 0: there is no more.

    `is_cut`: so many names were looked at that the rest is left to the next page.
    """

    wanted: Wanted
    hits: Sequence[Hit]
    after: int = 0
    before: int = 0
    is_cut: bool = False


def state(drive: Drive, *, by: Actor) -> DriveIndex:
    """How far the drive's index is; one that was never begun is empty and not whole."""
    permissions.VIEW_FILES.require(by, drive.workspace)
    found = DriveIndex.objects.filter(drive=drive).first()
    return found or DriveIndex(drive=drive)


def in_drive(
    drive: Drive,
    folder: str,
    typed: str,
    *,
    after: int = 0,
    before: int = 0,
    by: Actor,
) -> Found:
    """What fits the words in this folder and below: names that begin so, then others."""
    permissions.VIEW_FILES.require(by, drive.workspace)
    asked = wanted(typed)
    if not asked:
        return Found(asked, ())
    mark = IndexEntry.objects.filter(drive=drive, pk=before or after).first()
    is_back = bool(mark and before)
    question = Question(asked, drive, folder, mark, is_back=is_back)
    page = names.page(question, PAGE_SIZE + 1)
    hits = [_hit(row, {drive.pk: drive}) for row in page.rows[:PAGE_SIZE]]
    has_more = len(page.rows) > PAGE_SIZE
    is_cut = bool(page.looked_to)
    nowhere = page.looked_to or (mark.pk if mark else 0)
    first, last = (hits[0].id, hits[-1].id) if hits else (nowhere, nowhere)
    last = page.looked_to or last
    if is_back:
        hits.reverse()
        first, last = last, first
    return Found(
        asked,
        hits,
        after=last if has_more or is_cut or is_back else 0,
        before=first if mark and (has_more or is_cut or not is_back) else 0,
        is_cut=is_cut,
    )


def everywhere(typed: str, *, most: int, by: Actor) -> list[Hit]:
    """The likeliest in all drives one may see: the name itself, its beginning, the newest.

    Five questions to the database at most, however many drives.
    """
    asked = wanted(typed)
    if not asked:
        return []
    seen = Drive.objects.visible_to(by).select_related("workspace")
    drives = {drive.pk: drive for drive in seen}
    rows = names.of_each(drives.values(), asked, most)
    begins = asked.words[0] if asked.words else ""
    hits = [_hit(row, drives) for row in rows]
    hits.sort(key=lambda hit: _rank(hit, asked))
    hits.sort(key=lambda hit: not folded(hit.name).startswith(begins))
    return hits[:most]


def _rank(hit: Hit, asked: Wanted) -> tuple[bool, float]:
    """The very name before others, with or without its ending; then the newest."""
    name = folded(hit.name)
    is_it = " ".join(asked.parts) in {name, name.rpartition(".")[0]}
    return not is_it, -(hit.modified_at.timestamp() if hit.modified_at else 0)


def _hit(row: tuple[Any, ...], drives: dict[int, Drive]) -> Hit:
    pk, drive, folder, name, kind, size, modified, _ = row
    return Hit(
        id=pk,
        drive=drives[drive],
        folder=folder,
        name=name,
        is_folder=kind == IndexEntry.Kind.FOLDER,
        size_bytes=size,
        modified_at=modified,
    )
