"""The work of a change, some hundreds of objects at a time.

A chunk is written down, done, and marked as done. Who comes after somebody that died
in the middle finds it open and does the rest of it, so that no object is changed
twice and none is forgotten.
"""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from typing import IO, TypeVar, cast

from django.db import connection, transaction
from django.db.models import F, Min
from django.utils import timezone

from hexa.backends.storage.errors import (
    InvalidForStore,
    ObjectChanged,
    ObjectExists,
    ObjectNotFound,
)
from hexa.backends.storage.store import Marker, ObjectFacts, ObjectStore, Page
from hexa.files.actions.objects import require_writable
from hexa.files.models import (
    Change,
    ChangedChunk,
    ChangedPath,
    ChangeKind,
    ChangeState,
    Drive,
)
from hexa.files.queries.store import store_of
from hexa.files.queries.streams import Streamed
from hexa.foundation.actors import System
from hexa.foundation.errors import Outage, Refusal

PER_CHUNK = {ChangeKind.DELETE: 500, ChangeKind.MOVE: 100, ChangeKind.COPY: 100}
# Large objects take long: a chunk of them is smaller, so that one can stop.
_BYTES_PER_CHUNK = 4 * 2**30
_AT_A_TIME = 8

Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Entry:
    """One object: what it was, and what the change made of it."""

    source: str
    etag: str
    size: int
    target: str = ""
    copied_etag: str = ""
    copied_version: str = ""
    # What hides it now.
    marker: str = ""
    # It was not changed: somebody else changed it, or what stands at its target.
    is_left: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    drive: Drive
    store: ObjectStore

    @property
    def bucket(self) -> str:
        return self.drive.bucket


def carry_on(change: Change, *, for_seconds: float = float("inf")) -> bool:
    """Works on the change; False: time is up, and there is more to do.

    Nobody else works on it meanwhile. Raises Outage, after which it can be called
    again; a Refusal ends the change, which says so.
    """
    until = time.monotonic() + for_seconds
    with _alone_at(change) as is_alone:
        if not is_alone:
            return True  # who is at it goes on with it
        change.refresh_from_db()
        if not change.is_open:
            return True
        _save(change, state=ChangeState.RUNNING)
        try:
            return _work(change, until)
        except Outage as outage:
            _save(change, problem=outage.code)
            raise
        except Refusal as refusal:
            _end(change, ChangeState.FAILED, problem=refusal.code)
            return True


def _work(change: Change, until: float) -> bool:
    step = _undo_next if change.kind == ChangeKind.UNDO else _do_next
    _still_allowed(change)
    _count(change)
    while True:
        if _is_stop_asked(change):
            _end(change, ChangeState.STOPPED)
            return True
        if not step(change):
            _end(change, ChangeState.DONE)
            return True
        if time.monotonic() > until:
            return False


def _still_allowed(change: Change) -> None:
    """A role that was lost ends what was begun under it. Raises PermissionDenied."""
    by = change.started_by or System("files")
    if change.kind != ChangeKind.COPY:
        require_writable(change.drive, by=by)
    if change.target_drive is not None:
        require_writable(change.target_drive, by=by)


def _count(change: Change) -> None:
    if change.found is not None:
        return
    store, found = store_of(change.drive), 0
    for path in change.paths.all():
        if not path.source.endswith("/"):
            found += 1
            continue
        after: str | None = ""
        while after is not None:
            page = store.list_keys(change.drive.bucket, path.source, after=after)
            found += len(page.objects)
            after = page.next
    _save(change, found=found)


# --- Forwards


def _do_next(change: Change) -> bool:
    """One chunk; False: there was none left."""
    chunk = ChangedChunk.objects.filter(path__change=change, is_done=False).first()
    is_again = chunk is not None
    if chunk is None and (chunk := _new_chunk(change)) is None:
        return False
    path = chunk.path
    entries = [Entry(**one) for one in chunk.entries]
    sides = _sides(change)
    if change.kind != ChangeKind.DELETE:
        entries = _copied(
            entries, sides, may_replace=change.may_replace, is_again=is_again
        )
        chunk.entries = [asdict(one) for one in entries]
        chunk.save(update_fields=["entries"])
    if change.kind != ChangeKind.COPY:
        is_certain = change.kind == ChangeKind.DELETE and not is_again
        there = None if is_certain else _there(sides[0], entries)
        entries = _hidden(entries, sides[0], there)
        if any(one.source.endswith("/") for one in entries):
            _tidy(sides[0], [one.source for one in entries])
    left = sum(one.is_left for one in entries)
    with transaction.atomic():
        chunk.entries = [asdict(one) for one in entries]
        chunk.is_done = True
        chunk.save(update_fields=["entries", "is_done"])
        path.reached = chunk.reaches or ""
        path.is_done = chunk.reaches is None
        path.save(update_fields=["reached", "is_done"])
        _advance(change, done=len(entries) - left, left=left)
    return True


def _new_chunk(change: Change) -> ChangedChunk | None:
    for path in change.paths.filter(is_done=False):
        page = _next_page(change, path)
        while not page.objects and page.next is not None:
            path.reached = page.next
            page = _next_page(change, path)
        if page.objects:
            goes_to = path.target
            entries = [
                Entry(
                    source=one.key,
                    etag=one.etag,
                    size=one.size_bytes,
                    target=goes_to and goes_to + one.key[len(path.source) :],
                )
                for one in page.objects
            ]
            return ChangedChunk.objects.create(
                path=path,
                entries=[asdict(one) for one in entries],
                reaches=page.next,
            )
        path.is_done = True
        path.save(update_fields=["is_done"])
    return None


def _next_page(change: Change, path: ChangedPath) -> Page:
    store, bucket = store_of(change.drive), change.drive.bucket
    if not path.source.endswith("/"):
        try:
            return Page([], [store.head(bucket, path.source)], None)
        except ObjectNotFound:
            return Page([], [], None)

    def page(most: int) -> Page:
        after = path.reached
        try:
            return store.list_keys(bucket, path.source, after=after, limit=most)
        except InvalidForStore:  # it continues a listing for so long, no longer
            return store.list_keys(bucket, path.source, limit=most)

    most = PER_CHUNK[ChangeKind(change.kind)]
    found = page(most)
    while change.kind != ChangeKind.DELETE and most > 1 and _is_heavy(found):
        most = max(1, most // 4)
        found = page(most)
    return found


def _is_heavy(page: Page) -> bool:
    return sum(one.size_bytes for one in page.objects) > _BYTES_PER_CHUNK


def _copied(
    entries: Sequence[Entry],
    sides: tuple[Side, Side],
    *,
    may_replace: bool,
    is_again: bool,
) -> list[Entry]:
    def one(entry: Entry) -> Entry:
        if entry.copied_etag or entry.is_left:
            return entry
        there = _facts(sides[1], entry.target)
        if is_again and there is not None and _is_same(entry, there):
            # Made before who was at it died. Its version is left out, so that undoing
            # hides it and forgets nothing, should it be somebody else's after all.
            return replace(entry, copied_etag=there.etag)
        return _copy(entry, sides, there, may_replace=may_replace)

    return _by_many(one, entries)


def _copy(
    entry: Entry,
    sides: tuple[Side, Side],
    there: ObjectFacts | None,
    *,
    may_replace: bool,
) -> Entry:
    source, target = sides
    if entry.source.endswith("/"):
        return _make_folder(entry, target)
    if there is not None and not may_replace:
        return replace(entry, is_left=True)
    replacing = there.etag if there is not None else None
    if source.store is not target.store:
        return _carry(entry, source, target, replacing)
    try:
        made = source.store.copy(
            source.bucket,
            entry.source,
            to_bucket=target.bucket,
            to_key=entry.target,
            etag=entry.etag,
            replacing=replacing,
        )
    except (ObjectExists, ObjectChanged, ObjectNotFound):
        return replace(entry, is_left=True)
    return replace(entry, copied_etag=made.etag, copied_version=made.version)


def _make_folder(entry: Entry, target: Side) -> Entry:
    """An empty folder is an object for some stores, and a thing of its own for others."""
    target.store.make_folder(target.bucket, entry.target)
    made = target.store.head(target.bucket, entry.target)
    return replace(entry, copied_etag=made.etag, copied_version=made.version)


def _carry(entry: Entry, source: Side, target: Side, replacing: str | None) -> Entry:
    """From one store to another, through here; a piece of it in memory at a time."""
    try:
        facts = source.store.head(source.bucket, entry.source)
        content = source.store.stream(source.bucket, entry.source, etag=entry.etag)
        made = target.store.put_stream(
            target.bucket,
            entry.target,
            cast("IO[bytes]", Streamed(content)),
            content_type=facts.content_type,
            replacing=replacing,
        )
    except (ObjectExists, ObjectChanged, ObjectNotFound):
        return replace(entry, is_left=True)
    return replace(entry, copied_etag=made.etag, copied_version=made.version)


def _is_same(entry: Entry, there: ObjectFacts) -> bool:
    return there.etag == entry.etag and there.size_bytes == entry.size


def _there(side: Side, entries: Sequence[Entry]) -> dict[str, str]:
    """The etags of what stands now where the entries' objects stood."""
    found = _by_many(lambda entry: _facts(side, entry.source), entries)
    return {facts.key: facts.etag for facts in found if facts is not None}


def _hidden(
    entries: Sequence[Entry], side: Side, there: dict[str, str] | None
) -> list[Entry]:
    """Behind markers, if they are as they were; `there` None: nobody need look."""
    hidden = [
        one
        for one in entries
        if not one.is_left and (there is None or there.get(one.source) == one.etag)
    ]
    # The folders last, and the deepest first: then each is empty.
    keys = [one.source for one in hidden]
    keys.sort(key=lambda key: (key.endswith("/"), -key.count("/")))
    made = side.store.delete(side.bucket, keys)
    markers = {marker.key: marker.version for marker in made}

    def one(entry: Entry) -> Entry:
        if entry.is_left or entry.marker:
            return entry
        if entry.source in markers:
            return replace(entry, marker=markers[entry.source])
        if there is not None and entry.source in there:
            # Somebody wrote to it in the meantime: theirs stays.
            return replace(entry, is_left=there[entry.source] != entry.etag)
        return replace(entry, marker=_marker(side, entry.source))

    return [one(entry) for entry in entries]


def _marker(side: Side, key: str) -> str:
    """What hides the key, if something does."""
    for one in side.store.versions_of(side.bucket, key, limit=1).versions:
        if one.is_deletion and one.is_latest:
            return one.id
    return ""


# --- Backwards


def _undo_next(change: Change) -> bool:
    original = change.undoes
    assert original is not None, "a constraint of the table"
    chunks = ChangedChunk.objects.filter(path__change=original, is_undone=False)
    chunk = chunks.select_related("path").last()
    if chunk is None:
        return False
    entries = [Entry(**one) for one in chunk.entries if not one["is_left"]]
    source, target = _sides(original)
    if original.kind != ChangeKind.COPY:
        _uncover(entries, source, target)
    left = 0
    if original.kind != ChangeKind.DELETE:
        left = _take_away(entries, target)
        _tidy(target, [one.target for one in entries])
    with transaction.atomic():
        chunk.is_undone = True
        chunk.save(update_fields=["is_undone"])
        _advance(change, done=len(entries) - left, left=left)
    return True


def _uncover(entries: Sequence[Entry], source: Side, target: Side) -> None:
    markers = [Marker(one.source, one.marker) for one in entries if one.marker]
    source.store.undelete(source.bucket, markers)
    for one in entries:
        if one.source.endswith("/") and not one.marker:
            source.store.make_folder(source.bucket, one.source)

    def back(entry: Entry) -> Entry:
        return _copy(
            Entry(entry.target, entry.copied_etag, entry.size, target=entry.source),
            (target, source),
            _facts(source, entry.source),
            may_replace=False,
        )

    # What a bucket without versions gave away comes back from where it went.
    gone = [one for one in entries if one.copied_etag and not one.marker]
    _by_many(back, [one for one in gone if not one.source.endswith("/")])


def _take_away(entries: Sequence[Entry], side: Side) -> int:
    """The copies, save those that somebody changed since: so many."""

    def look(entry: Entry) -> bool:
        facts = _facts(side, entry.target)
        if facts is None:
            return False
        if entry.copied_version:
            return facts.version == entry.copied_version
        return facts.etag == entry.copied_etag

    copies = [one for one in entries if one.copied_etag]
    ours = [
        one
        for one, is_ours in zip(copies, _by_many(look, copies), strict=True)
        if is_ours
    ]
    versions = [Marker(one.target, one.copied_version) for one in ours]
    side.store.forget(side.bucket, [one for one in versions if one.version])
    side.store.delete(side.bucket, [one.key for one in versions if not one.version])
    return len(copies) - len(ours)


# --- Small parts


def _tidy(side: Side, keys: Iterable[str]) -> None:
    """Some stores keep the folders around an object that is gone: they are taken away."""
    around = {
        key[: position + 1]
        for key in keys
        for position, sign in enumerate(key)
        if sign == "/"
    }
    for folder in sorted(around, key=lambda one: -one.count("/")):
        inside = side.store.list_keys(side.bucket, folder, limit=1)
        if not inside.objects and _facts(side, folder) is not None:
            side.store.delete(side.bucket, [folder])


def _sides(change: Change) -> tuple[Side, Side]:
    source = Side(change.drive, store_of(change.drive))
    to = change.target_drive
    if to is None or to.pk == change.drive.pk:
        return source, source
    return source, Side(to, store_of(to))


def _facts(side: Side, key: str) -> ObjectFacts | None:
    try:
        return side.store.head(side.bucket, key)
    except ObjectNotFound:
        return None


def _by_many(one: Callable[[Given], Made], given: Sequence[Given]) -> list[Made]:
    """In order; no thread may touch the database."""
    if len(given) < 2:
        return [one(each) for each in given]
    with ThreadPoolExecutor(_AT_A_TIME) as threads:
        return list(threads.map(one, given))


def _advance(change: Change, *, done: int, left: int) -> None:
    mine = Change.objects.filter(pk=change.pk)
    mine.update(done=F("done") + done, left=F("left") + left, problem="")


def _is_stop_asked(change: Change) -> bool:
    asked = Change.objects.filter(pk=change.pk).aggregate(at=Min("stop_asked_at"))
    return asked["at"] is not None


def _end(change: Change, state: ChangeState, *, problem: str = "") -> None:
    _save(change, state=state, problem=problem, ended_at=timezone.now())
    change.refresh_from_db()


def _save(change: Change, **values: object) -> None:
    for name, value in values.items():
        setattr(change, name, value)
    change.save(update_fields=list(values))


@contextlib.contextmanager
def _alone_at(change: Change) -> Iterator[bool]:
    """A lock that ends with its holder, however that ends."""
    number = int.from_bytes(change.pk.bytes[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        (is_alone,) = cursor.fetchone() or (False,)
    try:
        yield is_alone
    finally:
        if is_alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [number])
