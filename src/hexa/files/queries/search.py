"""Finding files by words of their names, in the index: a drive, or all one may see.

The order of names is also the order of an index, so that words which fit a million
files are answered from its beginning, and rare ones from their trigrams.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, product
from typing import Any

from django.db import connection

from hexa.files import permissions
from hexa.files.index import DriveIndex, IndexEntry
from hexa.files.models import Drive
from hexa.files.queries.words import Wanted, folded, marked, wanted
from hexa.foundation.actors import Actor

__all__ = ["Found", "Hit", "everywhere", "in_drive", "marked", "state"]

PAGE_SIZE = 50
# Read from each drive before the best are chosen.
_CANDIDATES = 24

_COLUMNS = "id, drive_id, folder, name, kind, size_bytes, modified_at, words"
# The first is quick where many fit: it looks at the next names in order, and gives up. The
# other is quick where few do: it must not follow the order, so the order is disguised.
_IN_ORDER = (
    f"SELECT {_COLUMNS} FROM (SELECT {_COLUMNS}, folder_words FROM files_indexentry"  # noqa: S608 - never a value of anybody's
    " WHERE drive_id = %s AND {place} ORDER BY words {turn}, id {turn} LIMIT 10000)"
    " AS near WHERE {fits} ORDER BY words {turn}, id {turn} LIMIT %s"
)
_BY_TRIGRAMS = (
    f"SELECT {_COLUMNS} FROM files_indexentry"  # noqa: S608 - never a value of anybody's
    " WHERE drive_id = %s AND {place} AND {fits}"
    " ORDER BY words || '' {turn}, id {turn} LIMIT %s"
)

Condition = tuple[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Group:
    """Where in the order of names to look, and what fits there."""

    place: Condition
    fits: Condition


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
    """A page of hits by name; `after` and `before` continue it, 0: there is no more."""

    wanted: Wanted
    hits: Sequence[Hit]
    after: int = 0
    before: int = 0


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
    rows = _page(asked, drive, folder, mark, is_back=is_back)
    hits = [_hit(row, {drive.pk: drive}) for row in rows[:PAGE_SIZE]]
    if is_back:
        hits.reverse()
    has_more = len(rows) > PAGE_SIZE
    return Found(
        asked,
        hits,
        after=hits[-1].id if hits and (has_more or is_back) else 0,
        before=hits[0].id if hits and mark and (has_more or not is_back) else 0,
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
    hits: dict[int, Hit] = {}
    for group, way in product(_groups(asked), (_IN_ORDER, _BY_TRIGRAMS)):
        if drives and len(hits) < most:
            found = [_hit(row, drives) for row in _of_each(drives, group, way)]
            found.sort(key=lambda hit: _rank(hit, asked))
            hits |= {hit.id: hit for hit in found if hit.id not in hits}
    return list(hits.values())[:most]


def _of_each(drives: Iterable[int], group: Group, way: str) -> list[tuple[Any, ...]]:
    """Some of each drive, which stands in the query as a constant: planned for itself."""
    (place, places), (fits, values) = group.place, group.fits
    arm = f"({way.format(place=place, fits=fits, turn='ASC')})"
    given = [[drive, *places, *values, _CANDIDATES] for drive in drives]
    return _rows(" UNION ALL ".join([arm] * len(given)), list(chain(*given)))


def _rank(hit: Hit, asked: Wanted) -> tuple[bool, float]:
    """The very name before others, with or without its ending; then the newest."""
    name = folded(hit.name)
    is_it = " ".join(asked.parts) in {name, name.rpartition(".")[0]}
    return not is_it, -(hit.modified_at.timestamp() if hit.modified_at else 0)


def _page(
    asked: Wanted,
    drive: Drive,
    folder: str,
    mark: IndexEntry | None,
    *,
    is_back: bool,
) -> list[tuple[Any, ...]]:
    """One row more than a page, if there is one, from the mark on; or back from it."""
    groups, own = _groups(asked), 0
    if mark and asked.words and not mark.words.startswith(asked.words[0]):
        own = 1
    left = list(reversed(groups[: own + 1])) if is_back else groups[own:]
    rows: list[tuple[Any, ...]] = []
    for number, group in enumerate(left):
        begun = mark if number == 0 else None
        wanted_rows = PAGE_SIZE + 1 - len(rows)
        rows += _of_group(group, drive, folder, begun, wanted_rows, is_back=is_back)
        if len(rows) > PAGE_SIZE:
            break
    return rows


def _of_group(
    group: Group,
    drive: Drive,
    folder: str,
    mark: IndexEntry | None,
    most: int,
    *,
    is_back: bool,
) -> list[tuple[Any, ...]]:
    (place, places), (fits, values) = group.place, group.fits
    turn, passes = ("DESC", "<") if is_back else ("ASC", ">")
    if mark:
        place += f" AND (words, id) {passes} (%s, %s)"
        places = [*places, mark.words, mark.pk]
    if folder:
        # Everything that starts with "a/" sorts before "a0".
        fits += " AND folder >= %s AND folder < %s"
        values = [*values, folder, f"{folder[:-1]}0"]
    given = [drive.pk, *places, *values, most]
    found: list[tuple[Any, ...]] = []
    for way in (_IN_ORDER, _BY_TRIGRAMS):
        if len(found) < most:
            found = _rows(way.format(place=place, fits=fits, turn=turn), given)
    return found


def _groups(asked: Wanted) -> list[Group]:
    """Names that begin with the first word, then others; each in the order of names."""
    fits = _fits(asked)
    if not asked.words:
        return [Group(("TRUE", []), fits)]
    begins = f"{_escaped(asked.words[0])}%"
    first = Group(("words LIKE %s", [begins]), fits)
    if not (asked.inside or asked.ending):
        return [first]
    return [first, Group(("words NOT LIKE %s", [begins]), fits)]


def _fits(asked: Wanted) -> Condition:
    """Each word in the name or its folder; one of them, or the ending, in the name."""
    parts: list[str] = []
    values: list[Any] = []
    if asked.ending:
        parts.append("words LIKE %s")
        values.append(f"%{_escaped(asked.ending)}")
    elif asked.inside:
        parts.append(f"({' OR '.join(['words LIKE %s'] * len(asked.inside))})")
        values += [f"%{_escaped(word)}%" for word in asked.inside]
    else:
        parts.append("words LIKE %s")
        values.append(f"{_escaped(asked.words[0])}%")
    if len(asked.parts) > 1:
        for word in asked.words:
            parts.append("(words LIKE %s OR folder_words LIKE %s)")
            values += [f"%{_escaped(word)}%"] * 2
    return " AND ".join(parts), values


def _escaped(word: str) -> str:
    return word.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def _rows(query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


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
