"""What a file held before, and what was deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from django.utils import timezone

from hexa.accounts.models import User
from hexa.backends.storage.store import Version
from hexa.files import permissions
from hexa.files.models import Change, ChangedPath, ChangeKind, Drive
from hexa.files.queries.store import store_of
from hexa.foundation.actors import Actor
from hexa.foundation.models import AuditEvent

_PAGE = 100
_TRASH_PAGE = 50
SCANNED = 1000
# Among many versions that are in force a page of the trash looks so far, no further.
_LOOKS = 5
_WRITES = ("file.uploaded", "file.written", "file.restored", "file.deleted")
# From a store's telling of the time to ours: it may leave out parts of a second, and
# be another machine. And between a version and the event that tells of it.
_SLACK = timedelta(seconds=2)
_TAKES = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Held:
    """`who` is empty for what was written outside the pages."""

    version: Version
    who: str


@dataclass(frozen=True, slots=True)
class History:
    """Newest first. `came_from`: where it was before a move, and its older versions."""

    held: Sequence[Held]
    has_more: bool
    keeps_versions: bool
    came_from: tuple[Drive, str] | None


@dataclass(frozen=True, slots=True)
class Trash:
    """Files that are deleted, by key; `after` continues them, empty: no more."""

    deletions: Sequence[Change]
    files: Sequence[Version]
    after: str


def of_file(drive: Drive, key: str, *, by: Actor) -> History:
    """Its last 100 versions. Raises Outage."""
    permissions.VIEW_FILES.require(by, drive.workspace)
    store = store_of(drive)
    if not store.keeps_versions(drive.bucket):
        return History([], has_more=False, keeps_versions=False, came_from=None)
    page = store.versions_of(drive.bucket, key, limit=_PAGE)
    return History(
        held=_with_who(drive, key, page.versions),
        has_more=page.next is not None,
        keeps_versions=True,
        came_from=_came_from(drive, key),
    )


def trash(drive: Drive, folder: str, *, after: str = "", by: Actor) -> Trash:
    """Of a folder at any depth, whoever deleted it, by whatever way."""
    permissions.VIEW_FILES.require(by, drive.workspace)
    files: list[Version] = []
    position: str | None = after
    for _ in range(_LOOKS):
        page = store_of(drive).versions(
            drive.bucket, folder, after=position or "", limit=SCANNED
        )
        files += _deleted(drive, page.versions)
        position = page.next
        if position is None or len(files) >= _TRASH_PAGE:
            break
    deletions = (
        Change.objects.filter(
            drive=drive,
            kind=ChangeKind.DELETE,
            undone_by=None,
            done__gt=0,
            paths__source__startswith=folder,
        )
        .distinct()
        .select_related("drive", "started_by")
        .prefetch_related("paths")
    )
    return Trash(
        deletions=[] if after else list(deletions[:10]),
        files=files,
        after=position or "",
    )


def _deleted(drive: Drive, versions: Sequence[Version]) -> list[Version]:
    """What is hidden and did not just go elsewhere by a move."""
    hidden = [
        one
        for one in versions
        if one.is_deletion and one.is_latest and not one.key.endswith("/")
    ]
    sources = {place for one in hidden for place in (one.key, *_around(one.key))}
    moves = ChangedPath.objects.filter(
        source__in=sources, change__drive=drive, change__kind=ChangeKind.MOVE
    ).select_related("change")
    spans: dict[str, list[tuple[datetime, datetime]]] = {}
    for move in moves:
        end = move.change.ended_at or timezone.now()
        span = (move.change.started_at - _SLACK, end + _SLACK)
        spans.setdefault(move.source, []).append(span)
    return [
        one
        for one in hidden
        if not any(
            start <= one.modified_at <= end
            for place in (one.key, *_around(one.key))
            for start, end in spans.get(place, ())
        )
    ]


@dataclass(frozen=True, slots=True)
class _Act:
    """Somebody wrote the file at some moment of this span."""

    start: datetime
    end: datetime
    actor: str


def _with_who(drive: Drive, key: str, versions: Sequence[Version]) -> list[Held]:
    """Each act wrote one version: the first it can have been, oldest act first."""
    acts = sorted(
        [*_written(drive, key), *_brought(drive, key)], key=attrgetter("start")
    )
    who: dict[str, str] = {}
    for act in acts:
        for one in reversed(versions):
            if one.id not in who and act.start <= one.modified_at <= act.end:
                who[one.id] = act.actor
                break
    names = _names(set(who.values()))
    return [Held(one, names.get(who.get(one.id, ""), "")) for one in versions]


def _written(drive: Drive, key: str) -> list[_Act]:
    """The audit log tells of an act once it is done."""
    events = AuditEvent.objects.filter(
        workspace=drive.workspace.slug,
        subject=f"{drive.name}/{key}"[:400],
        action__in=_WRITES,
    ).order_by("-happened_at")
    return [
        _Act(one.happened_at - _TAKES, one.happened_at + _SLACK, one.actor)
        for one in events[: 2 * _PAGE]
    ]


def _brought(drive: Drive, key: str) -> list[_Act]:
    """By moves and copies, of the file or of a folder around it."""
    paths = (
        ChangedPath.objects.filter(
            target__in=[key, *_around(key)], change__target_drive=drive
        )
        .select_related("change__started_by")
        .order_by("-pk")
    )
    return [
        _Act(
            one.change.started_at - _SLACK,
            (one.change.ended_at or timezone.now()) + _SLACK,
            one.change.started_by.audit_name,
        )
        for one in paths[:_PAGE]
        if one.change.started_by is not None
    ]


def _around(key: str) -> list[str]:
    """The folders that the key lies in."""
    return [key[: position + 1] for position, sign in enumerate(key) if sign == "/"]


def _names(actors: set[str]) -> dict[str, str]:
    """What people are called, by what the audit log calls them."""
    handles = {
        one.removeprefix("person:") for one in actors if one.startswith("person:")
    }
    people = User.objects.filter(handle__in=handles)
    return {one.audit_name: one.name for one in people}


def _came_from(drive: Drive, key: str) -> tuple[Drive, str] | None:
    move = (
        ChangedPath.objects.filter(
            target__in=[key, *_around(key)],
            change__target_drive=drive,
            change__kind=ChangeKind.MOVE,
            change__undone_by=None,
        )
        .select_related("change__drive")
        .order_by("-pk")
        .first()
    )
    if move is None:
        return None
    move.change.drive.workspace = drive.workspace
    return move.change.drive, move.source + key[len(move.target) :]
