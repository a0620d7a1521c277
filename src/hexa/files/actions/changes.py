"""Moving, copying and deleting files and folders of any size, and undoing it.

What is small is over when these return. What is large is a job that they enqueue: the
change they answer is then still open.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from hexa.accounts.models import User
from hexa.backends.storage.errors import ObjectChanged, ObjectNotFound
from hexa.files import errors
from hexa.files.actions import chunks
from hexa.files.actions.objects import require_writable
from hexa.files.actions.targets import (
    Destination,
    IfTaken,
    Route,
    chosen,
    keeps_versions,
    routes,
    what_stands_at,
)
from hexa.files.models import (
    OPEN_STATES,
    Change,
    ChangedPath,
    ChangeKind,
    ChangeState,
    Drive,
)
from hexa.files.queries.store import store_of
from hexa.foundation import audit, queue
from hexa.foundation.actors import Actor

# As much as is done while the person waits for the page: a second or two.
SMALL = 200
_SMALL_BYTES = 256 * 2**20
_SMALL_BYTES_THROUGH_HERE = 16 * 2**20
# An open change that nobody is at for so long lost its worker.
_ABANDONED_AFTER = timedelta(seconds=30)

_PAST = {
    ChangeKind.MOVE: "file.moved",
    ChangeKind.COPY: "file.copied",
    ChangeKind.DELETE: "file.deleted",
    ChangeKind.UNDO: "file.undone",
}


def move(
    drive: Drive, *, paths: Iterable[str], to: Destination, by: User, etag: str = ""
) -> Change:
    """Also to another drive. With `etag`, only if the one file still holds that.

    Raises what `targets.routes` does.
    """
    require_writable(drive, by=by)
    require_writable(to.drive, by=by)
    wanted = chosen(paths)
    if etag and what_stands_at(drive, wanted[0], is_exact=True) not in {etag, None}:
        raise ObjectChanged
    planned = routes(drive, wanted, to=to, leaves=True, by=by)
    return _begin(ChangeKind.MOVE, drive, planned, to=to, by=by)


def rename(drive: Drive, *, path: str, to: Destination, by: User, etag: str) -> Change:
    """Within its folder, or (`to.name` may hold a /) to one below. As `move`."""
    if not to.name.strip("/"):
        raise errors.BadName(name=to.name)
    return move(drive, paths=[path], to=to, by=by, etag=etag)


def copy(drive: Drive, *, paths: Iterable[str], to: Destination, by: User) -> Change:
    """Also to another drive; what is copied into its own folder gets a number."""
    require_writable(to.drive, by=by)
    planned = routes(drive, chosen(paths), to=to, leaves=False, by=by)
    return _begin(ChangeKind.COPY, drive, planned, to=to, by=by)


def delete(
    drive: Drive, *, paths: Iterable[str], by: User, is_sure: bool = False
) -> Change:
    """Hidden, until `undo` brings it back.

    Raises NoWayBack where nothing will, unless the person `is_sure`.
    """
    require_writable(drive, by=by)
    wanted = chosen(paths)
    for path in wanted:
        if what_stands_at(drive, path, is_exact=True) is None:
            raise ObjectNotFound
    if not is_sure and not keeps_versions(drive):
        raise errors.NoWayBack
    return _begin(ChangeKind.DELETE, drive, [Route(path) for path in wanted], by=by)


def undo(change: Change, *, by: User) -> Change:
    """Everything it changed is as before, save what others changed since.

    Raises ChangeGone if it was undone, or there is nothing to go back to.
    """
    require_writable(change.drive, by=by)
    if change.target_drive is not None:
        require_writable(change.target_drive, by=by)
    if change.is_open or change.kind == ChangeKind.UNDO or not _can_go_back(change):
        raise errors.ChangeGone
    with transaction.atomic():
        undoing, is_new = Change.objects.select_for_update(of=("self",)).get_or_create(
            undoes=change,
            defaults={
                "drive": change.drive,
                "target_drive": change.target_drive,
                "kind": ChangeKind.UNDO,
                "is_small": change.is_small,
                "found": change.done,
                "started_by": by,
            },
        )
        if not is_new:
            if undoing.is_open or undoing.state == ChangeState.DONE:
                raise errors.ChangeGone
            undoing.state, undoing.stop_asked_at = ChangeState.WAITING, None
            undoing.save(update_fields=["state", "stop_asked_at"])
        _record(undoing, change.paths.all(), by=by)
        if not undoing.is_small:
            _enqueue(undoing)
    if undoing.is_small:
        chunks.carry_on(undoing)
    return undoing


def stop(change: Change, *, by: Actor) -> None:
    """After the chunk it is at; what was done until then stays, and can be undone."""
    require_writable(change.drive, by=by)
    mine = Change.objects.filter(pk=change.pk, state__in=OPEN_STATES)
    mine.update(stop_asked_at=timezone.now())


def dismiss(change: Change) -> None:
    """Its end was seen."""
    ended = Change.objects.filter(pk=change.pk, ended_at__isnull=False)
    ended.update(seen_at=timezone.now())


def go_on_with_abandoned() -> None:
    """Enqueue what is open and has no job; who is at one is not disturbed."""
    since = timezone.now() - _ABANDONED_AFTER
    for change in Change.objects.open().filter(started_at__lt=since):
        _enqueue(change)


def _begin(
    kind: ChangeKind,
    drive: Drive,
    planned: Sequence[Route],
    *,
    by: User,
    to: Destination | None = None,
) -> Change:
    may_replace = to is not None and to.if_taken == IfTaken.REPLACE and bool(to.seen)
    found = _found(drive, planned, to=None if kind == ChangeKind.DELETE else to)
    with transaction.atomic():
        change = Change.objects.create(
            kind=kind,
            drive=drive,
            target_drive=None if to is None else to.drive,
            may_replace=may_replace,
            is_small=found is not None,
            found=found,
            started_by=by,
        )
        paths = ChangedPath.objects.bulk_create(
            ChangedPath(change=change, source=one.source, target=one.target)
            for one in planned
        )
        _record(change, paths, by=by)
        if found is None:
            _enqueue(change)
    if found is not None:
        chunks.carry_on(change)
    return change


def _found(
    drive: Drive, planned: Sequence[Route], *, to: Destination | None
) -> int | None:
    """How many objects it is, if they are few and small."""
    most_bytes = float("inf")
    if to is not None:
        is_inside = store_of(drive) is store_of(to.drive)
        most_bytes = _SMALL_BYTES if is_inside else _SMALL_BYTES_THROUGH_HERE
    found, size = 0, 0
    for route in planned:
        store = store_of(drive)
        if route.source.endswith("/"):
            page = store.list_keys(drive.bucket, route.source, limit=SMALL + 1)
            found += len(page.objects)
            size += sum(one.size_bytes for one in page.objects)
        else:
            found += 1
            size += store.head(drive.bucket, route.source).size_bytes
        if found > SMALL or size > most_bytes:
            return None
    return found


def _can_go_back(change: Change) -> bool:
    """A deletion in a bucket without versions left nothing to bring back."""
    if change.kind != ChangeKind.DELETE:
        return True
    first = change.paths.filter(chunks__isnull=False).values_list(
        "chunks__entries", flat=True
    )[:1]
    return all(one["marker"] for entries in first for one in entries[:1])


def _enqueue(change: Change) -> None:
    queue.defer_once("files.carry_on", key=str(change.pk), change_id=str(change.pk))


def _record(change: Change, paths: Iterable[ChangedPath], *, by: Actor) -> None:
    for path in paths:
        details = {"to": _address(change, path)} if path.target else {}
        audit.record(
            _PAST[ChangeKind(change.kind)],
            f"{change.drive.name}/{path.source}",
            by=by,
            workspace=change.drive.workspace.slug,
            **details,
        )


def _address(change: Change, path: ChangedPath) -> str:
    drive = change.target_drive or change.drive
    return f"{drive.name}/{path.target}"
