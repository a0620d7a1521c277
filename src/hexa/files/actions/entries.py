"""The rows of the index, written many at a time.

A row is a file or a folder in its folder; every folder above a file has one too. Who
writes holds the drive's lock until the end of the transaction, so that sweeps, changes
and pages that heal never wait for each other crosswise.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from hexa.backends.storage.store import ObjectFacts
from hexa.files.index import DriveIndex, IndexEntry
from hexa.files.models import Drive
from hexa.files.queries.words import folded

FOLDER, FILE = IndexEntry.Kind.FOLDER.value, IndexEntry.Kind.FILE.value
_LOCKS = 0x48455841  # ours among advisory locks: "HEXA"

_WRITE = """
    INSERT INTO files_indexentry AS kept (drive_id, sweep, folder, name, kind,
        size_bytes, modified_at, etag, words, folder_words)
    SELECT %s, %s, told.*
    FROM unnest(%s::text[], %s::text[], %s::smallint[], %s::bigint[],
        %s::timestamptz[], %s::text[], %s::text[], %s::text[]) AS told
    ON CONFLICT (drive_id, folder, name, kind) DO UPDATE SET
        sweep = excluded.sweep,
        size_bytes = excluded.size_bytes,
        modified_at = coalesce(excluded.modified_at, kept.modified_at),
        etag = excluded.etag
    WHERE (kept.sweep, kept.size_bytes, kept.etag) IS DISTINCT FROM
            (excluded.sweep, excluded.size_bytes, excluded.etag)
        OR kept.modified_at IS DISTINCT FROM
            coalesce(excluded.modified_at, kept.modified_at)
    RETURNING kept.kind, xmax = 0
"""
_REMOVE = """
    DELETE FROM files_indexentry AS kept
    USING unnest(%s::text[], %s::text[], %s::smallint[]) AS told(folder, name, kind)
    WHERE kept.drive_id = %s AND kept.folder = told.folder
        AND kept.name = told.name AND kept.kind = 1 AND told.kind = 1
"""
_UNMAKE = """
    UPDATE files_indexentry AS kept SET modified_at = NULL
    FROM unnest(%s::text[], %s::text[], %s::smallint[]) AS told(folder, name, kind)
    WHERE kept.drive_id = %s AND kept.folder = told.folder
        AND kept.name = told.name AND kept.kind = 0 AND told.kind = 0
"""
# A folder made by hand stays without files: it has a date of its own.
_PRUNE = """
    DELETE FROM files_indexentry AS kept
    USING unnest(%s::text[], %s::text[]) AS told(folder, name)
    WHERE kept.drive_id = %s AND kept.folder = told.folder
        AND kept.name = told.name AND kept.kind = 0 AND kept.modified_at IS NULL
        AND NOT EXISTS (
            SELECT 1 FROM files_indexentry AS inside
            WHERE inside.drive_id = kept.drive_id
                AND inside.folder = kept.folder || kept.name || '/'
        )
    RETURNING kept.folder
"""


def split(key: str) -> tuple[str, str, int]:
    """Folder, name and kind of a key; that of a folder ends in "/"."""
    kind = FOLDER if key.endswith("/") else FILE
    bare = key.removesuffix("/")
    cut = bare.rfind("/") + 1
    return bare[:cut], bare[cut:], kind


def above(folder: str) -> Iterator[str]:
    """The folder and those it lies in, as keys, from the outermost."""
    end = folder.find("/")
    while end >= 0:
        yield folder[: end + 1]
        end = folder.find("/", end + 1)


def hold(drive: Drive, *, patiently: bool = True) -> bool:
    """Takes the drive's lock until the transaction ends; False: somebody has it."""
    call = "pg_advisory_xact_lock" if patiently else "pg_try_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {call}(%s, %s)", [_LOCKS, drive.pk % 2**31])
        (taken,) = cursor.fetchone() or (False,)
    return taken is not False


@transaction.atomic
def note(
    drive: Drive, *, there: Iterable[ObjectFacts], gone: Iterable[str] = ()
) -> None:
    """What is in the drive and what is not any more, as of now; safe to repeat."""
    hold(drive)
    index = of(drive)
    added = _write(index, there)
    removed = _remove(index, gone)
    if added or removed:
        counted(index, added - removed)


def of(drive: Drive) -> DriveIndex:
    """The drive's index; a new one is due for its first sweep at once."""
    found, _ = DriveIndex.objects.get_or_create(
        drive=drive, defaults={"due_at": timezone.now()}
    )
    return found


def counted(index: DriveIndex, change: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE files_driveindex SET files = greatest(files + %s, 0)"
            " WHERE drive_id = %s",
            [change, index.pk],
        )


def _write(index: DriveIndex, there: Iterable[ObjectFacts]) -> int:
    """How many files are new."""
    rows = _rows(there)
    if not rows:
        return 0
    # In one order, and each once: a statement may not touch a row twice.
    columns = zip(*(rows[key] for key in sorted(rows)), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [index.pk, index.sweep, *map(list, columns)])
        return sum(1 for kind, is_new in cursor.fetchall() if is_new and kind == FILE)


def _rows(there: Iterable[ObjectFacts]) -> Mapping[tuple[str, str, int], Sequence[Any]]:
    """By what tells rows apart: the columns of each, those of folders above included."""
    rows: dict[tuple[str, str, int], Sequence[Any]] = {}
    known: set[str] = set()
    for facts in there:
        place = split(facts.key)
        if "\0" in facts.key or not place[1]:
            continue
        is_file = place[2] == FILE
        size, etag = (facts.size_bytes, facts.etag) if is_file else (0, "")
        rows[place] = _row(place, size, facts.modified_at, etag)
        if place[0] not in known:
            known.add(place[0])
            for key in above(place[0]):
                rows.setdefault(split(key), _row(split(key), 0, None, ""))
    return rows


def _row(
    place: tuple[str, str, int], size: int, modified_at: object, etag: str
) -> Sequence[Any]:
    folder, name, _ = place
    return (*place, size, modified_at, etag, folded(name), folded(folder))


def _remove(index: DriveIndex, gone: Iterable[str]) -> int:
    """How many files went."""
    places = sorted({split(key) for key in gone if "\0" not in key})
    if not places:
        return 0
    with connection.cursor() as cursor:
        told = [*map(list, zip(*places, strict=True)), index.pk]
        cursor.execute(_UNMAKE, told)
        cursor.execute(_REMOVE, told)
        removed: int = cursor.rowcount
    prune(
        index,
        {
            f"{folder}{name}/" if kind == FOLDER else folder
            for folder, name, kind in places
        },
    )
    return removed


def prune(index: DriveIndex, folders: Iterable[str]) -> None:
    """Takes away those folders, and those above them, that nothing is left in."""
    by_depth: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for folder in folders:
        for key in above(folder):
            parent, name, _ = split(key)
            by_depth[key.count("/")].add((parent, name))
    with connection.cursor() as cursor:
        for depth in sorted(by_depth, reverse=True):
            pairs = sorted(by_depth[depth])
            cursor.execute(_PRUNE, [*map(list, zip(*pairs, strict=True)), index.pk])
