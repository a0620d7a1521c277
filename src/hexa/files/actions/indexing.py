"""Building the index of a drive, and healing it.

    sweep       reads the whole listing, in steps that note where they are
    apply       what the platform's own store says has changed
    compare     what a page of the listing has just shown
    forget      what was looked for and is not there

The first sweep of a drive builds its index; where no store tells of changes, sweeps are
also what follows them, the rarer the larger the drive.
"""

import logging
import time
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from hexa.backends.storage.changes import Change
from hexa.backends.storage.store import ObjectFacts
from hexa.files.actions import entries
from hexa.files.index import DriveIndex, FeedPosition, IndexEntry
from hexa.files.models import BucketState, Drive, Provider
from hexa.files.permissions import VIEW_FILES
from hexa.files.queries.listing import Listing
from hexa.files.queries.store import store_of
from hexa.foundation.actors import Actor
from hexa.foundation.errors import Outage, Refusal

log = logging.getLogger(__name__)

_PAGE = 1000
# A step of a sweep: short, so that jobs people wait for come in between.
_STEP_S = 2.0
_SWEEPS = 30_000
# Found by leaps over the index, not by reading it.
_ORPHANS = """
    WITH RECURSIVE known AS (
        (SELECT drive_id FROM files_indexentry ORDER BY drive_id LIMIT 1)
        UNION ALL
        SELECT (SELECT drive_id FROM files_indexentry AS next
                WHERE next.drive_id > known.drive_id ORDER BY next.drive_id LIMIT 1)
        FROM known WHERE known.drive_id IS NOT NULL
    )
    SELECT drive_id FROM known
    WHERE drive_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM files_drive WHERE id = drive_id)
"""
_REMOVE_SOME = """
    DELETE FROM files_indexentry WHERE id IN (
        SELECT id FROM files_indexentry WHERE drive_id = %s LIMIT %s)
"""
_REMOVED_AT_ONCE = 5000
# Where changes are told as they happen, sweeps only look for what went amiss.
_FOLLOWED_INTERVAL = timedelta(days=7)
_SHORTEST_INTERVAL = timedelta(minutes=5)
_LONGEST_INTERVAL = timedelta(hours=24)
_FILES_PER_MINUTE = 2000
_AFTER_FAILURE = timedelta(minutes=15)
_AFTER_OWN_FAILURE = timedelta(minutes=1)
# How much of what was told before a sweep began is heard once more after it.
_OVERLAP_NS = 60 * 10**9
_MOST_COMPARED = 1000


def sweep(drive: Drive, *, step_s: float = _STEP_S) -> bool:
    """One step; whether there is more to do. A store that fails is asked again later.

    One that is known not to answer is not asked at all: `actions.buckets.check` does so,
    and waiting here as well would hold up the sweeps of others.
    """
    index = entries.of(drive)
    if not drive.is_own and drive.connected.state == BucketState.UNREACHABLE:
        _postpone(drive, index)
        return False
    if index.sweep_started_at is None:
        _begin(index)
    try:
        is_done = _pages(drive, index, step_s)
    except _Overtaken:
        return True
    except Outage:
        _postpone(drive, index)
        return False
    except Refusal:
        # A place in the listing that is not known any more, or the drive's own trouble.
        index.sweep_after = ""
        _postpone(drive, index)
        return False
    if is_done:
        _finish(drive, index)
    return not is_done


def apply(changes: Iterable[Change]) -> None:
    """Changes of the platform's own store, oldest first; may be told twice."""
    latest: dict[str, dict[str, ObjectFacts | None]] = {}
    for change in changes:
        # The last word on a key counts; and it counts from where it was said.
        told = latest.setdefault(change.bucket, {})
        told.pop(change.key, None)
        told[change.key] = change.facts
    own = Drive.objects.filter(is_own=True, provider=Provider.S3, bucket__in=latest)
    for drive in own.order_by("pk"):
        told = latest[drive.bucket]
        entries.note(
            drive,
            there=[facts for facts in told.values() if facts],
            gone=[key for key, facts in told.items() if not facts],
        )


def compare(
    drive: Drive, folder: str, shown: Listing, *, is_first: bool, by: Actor
) -> None:
    """Heals the files between the first and the last that a page of a folder showed.

    Costs two questions when the index is right, one while its first sweep lasts, and
    does nothing while somebody else writes to it.
    """
    VIEW_FILES.require(by, drive.workspace)
    files = {one.name: one for one in shown.entries if not one.is_folder}
    is_last = not shown.after
    if not files and not (is_first and is_last):
        return
    if not DriveIndex.objects.filter(drive=drive, swept_at__isnull=False).exists():
        return
    window = Q() if is_first else Q(name__gte=min(files))
    if not is_last:
        window &= Q(name__lte=max(files))
    rows = IndexEntry.objects.filter(
        window, drive=drive, folder=folder, kind=entries.FILE
    ).values_list("name", "size_bytes", "etag")[:_MOST_COMPARED]
    known = {name: (size, etag) for name, size, etag in rows}
    there = [
        ObjectFacts(one.key, one.size_bytes or 0, one.modified_at, one.etag)
        for name, one in files.items()
        if one.modified_at and known.get(name) != (one.size_bytes, one.etag)
    ]
    gone = [f"{folder}{name}" for name in known.keys() - files.keys()]
    if there or gone:
        with transaction.atomic():
            if entries.hold(drive, patiently=False):
                entries.note(drive, there=there, gone=gone)


def forget(drive: Drive, key: str, *, by: Actor) -> None:
    """A file that the index still had, and the store has not."""
    VIEW_FILES.require(by, drive.workspace)
    folder, name, kind = entries.split(key)
    if IndexEntry.objects.filter(
        drive=drive, folder=folder, name=name, kind=kind
    ).exists():
        entries.note(drive, there=(), gone=[key])


def sweep_again(drives: Iterable[Drive]) -> None:
    """Something may have been missed: what is there is read through, at leisure."""
    DriveIndex.objects.filter(drive__in=drives).update(due_at=timezone.now())


def rebuild(drive: Drive) -> None:
    """Empties the index and lets it be built anew, by sweeps that begin in a minute."""
    with transaction.atomic():
        entries.hold(drive)
        before = entries.of(drive).files
        IndexEntry.objects.filter(drive=drive).delete()
        DriveIndex.objects.filter(drive=drive).delete()
        DriveIndex.objects.create(
            drive=drive, expected_files=before, due_at=timezone.now()
        )


def clear(*, step_s: float = _STEP_S) -> None:
    """One step of taking away what is left of drives that are gone."""
    ends = time.monotonic() + step_s
    with connection.cursor() as cursor:
        cursor.execute(_ORPHANS)
        for (drive,) in cursor.fetchall():
            removed = _REMOVED_AT_ONCE
            while removed == _REMOVED_AT_ONCE and time.monotonic() < ends:
                cursor.execute(_REMOVE_SOME, [drive, _REMOVED_AT_ONCE])
                removed = cursor.rowcount


def due(*, now: datetime, most: int) -> list[int]:
    """Drives to sweep: those never seen, then those whose time has come."""
    new = Drive.objects.filter(index=None).values_list("pk", flat=True)[:most]
    waiting = DriveIndex.objects.filter(due_at__lte=now).order_by("due_at")
    return [*new, *waiting.values_list("pk", flat=True)[:most]]


def _begin(index: DriveIndex) -> None:
    index.sweep = index.sweep % _SWEEPS + 1
    index.sweep_started_at, index.sweep_after = timezone.now(), ""
    index.save(update_fields=["sweep", "sweep_started_at", "sweep_after"])


class _Overtaken(Exception):
    """The index was emptied meanwhile, and is to be built from the beginning."""


def _pages(drive: Drive, index: DriveIndex, step_s: float) -> bool:
    """Whether the last one was among them. Raises _Overtaken."""
    ends = time.monotonic() + step_s
    while not (is_done := _page(drive, index)):
        if time.monotonic() > ends:
            break
    return is_done


def _page(drive: Drive, index: DriveIndex) -> bool:
    """Whether it was the last one. Raises _Overtaken."""
    found = store_of(drive).list_keys(
        drive.bucket, "", after=index.sweep_after, limit=_PAGE
    )
    with transaction.atomic():
        entries.note(drive, there=found.objects)
        index.sweep_after = found.next or ""
        same = DriveIndex.objects.filter(
            pk=index.pk, sweep_started_at=index.sweep_started_at
        )
        if not same.update(sweep_after=index.sweep_after):
            raise _Overtaken
    return found.next is None


def _finish(drive: Drive, index: DriveIndex) -> None:
    """What the sweep did not see is not there."""
    while _remove_unseen(drive, index) == _REMOVED_AT_ONCE:
        pass
    files = IndexEntry.objects.filter(drive=drive, kind=entries.FILE).count()
    if drive.is_own and index.sweep_started_at:
        # A page may have been read just before a change that was applied first.
        _hear_again(int(index.sweep_started_at.timestamp() * 10**9) - _OVERLAP_NS)
    index.files = index.expected_files = files
    index.swept_at = timezone.now()
    index.due_at = index.swept_at + interval(drive, files)
    index.sweep_started_at, index.sweep_after = None, ""
    index.save(
        update_fields=[
            "files", "expected_files", "swept_at", "due_at", "sweep_started_at", "sweep_after",
        ]
    )  # fmt: skip
    log.info("drive swept", extra={"drive": drive.pk, "files": files})


def interval(drive: Drive, files: int) -> timedelta:
    if drive.is_own:
        return _FOLLOWED_INTERVAL
    grown = timedelta(minutes=files / _FILES_PER_MINUTE)
    return min(max(grown, _SHORTEST_INTERVAL), _LONGEST_INTERVAL)


def _remove_unseen(drive: Drive, index: DriveIndex) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        entries.hold(drive)
        cursor.execute(
            "DELETE FROM files_indexentry WHERE id IN (SELECT id FROM files_indexentry"
            " WHERE drive_id = %s AND sweep <> %s LIMIT %s)",
            [drive.pk, index.sweep, _REMOVED_AT_ONCE],
        )
        removed: int = cursor.rowcount
    return removed


def _hear_again(from_ns: int) -> None:
    position = FeedPosition.objects.filter(pk=1, at_ns__gt=0)
    position.filter(again_from_ns=0).update(again_from_ns=from_ns)
    position.filter(again_from_ns__gt=from_ns).update(again_from_ns=from_ns)


def _postpone(drive: Drive, index: DriveIndex) -> None:
    pause = _AFTER_OWN_FAILURE if drive.is_own else _AFTER_FAILURE
    index.due_at = timezone.now() + pause
    index.save(update_fields=["due_at", "sweep_after"])
    log.warning("sweep postponed", extra={"drive": index.pk})
