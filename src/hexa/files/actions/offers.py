"""What a browser that wants to send files is told to do with each.

Refused   it cannot be sent, and why
Taken     another file has this name; the person chooses
Whole     it goes in one request, by this link
Parted    it goes in parts; those that are there already need not be sent again
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.template.defaultfilters import filesizeformat

from hexa.accounts.models import User
from hexa.backends.storage.errors import UploadNotFound
from hexa.backends.storage.store import ObjectFacts, StoredPart
from hexa.files import errors
from hexa.files.actions.objects import (
    checked_key,
    record,
    require_room,
    require_writable,
)
from hexa.files.actions.targets import is_typed
from hexa.files.models import Drive, Upload
from hexa.files.queries.standing import free_key, standing
from hexa.files.queries.store import store_of
from hexa.foundation import audit
from hexa.foundation.errors import Refusal

# S3 takes 10 000 parts of at least 5 MiB. Small parts lose little when a line drops.
SMALLEST_PART = 8 * 2**20
MOST_PARTS = 9_000
_MIB = 2**20
# S3's own: the most that one object holds. SeaweedFS knows no such limit.
LARGEST_FILE = 5 * 2**40
# A request must begin in this time; a role that changes ends the upload with it.
LINK_LIFE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Wish:
    """A file of the person's disk. `name` may hold folders of its own.

    `replaces` is the etag of what the person agrees to replace; where that is gone for
    good, they have typed its name: `confirmed`. `is_beside`: it is to stand beside what
    has its name, under a name of its own.
    """

    name: str
    size_bytes: int
    modified_ms: int = 0
    content_type: str = ""
    replaces: str = ""
    confirmed: str = ""
    is_beside: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Taken:
    there: ObjectFacts
    # Whether what is replaced stays, as a version.
    is_kept: bool
    # Whether the new one may stand beside it.
    has_room_beside: bool = True


@dataclass(frozen=True, slots=True)
class Whole:
    key: str
    url: str
    headers: Mapping[str, str]
    replaces: str


@dataclass(frozen=True, slots=True)
class Parted:
    upload: Upload
    stored: Sequence[StoredPart] = ()


Offer = Refused | Taken | Whole | Parted


def part_bytes(size_bytes: int) -> int:
    """In how large parts a file of this size is sent; whole MiB."""
    needed = -(-size_bytes // MOST_PARTS)
    return max(SMALLEST_PART, -(-needed // _MIB) * _MIB)


def refused_names(
    drive: Drive, *, folder: str, names: Sequence[str], total_bytes: int, by: User
) -> Mapping[str, Refusal]:
    """Before anything is sent: which names cannot be. Raises StoreFull."""
    require_writable(drive, by=by)
    require_room(drive, total_bytes)
    refused: dict[str, Refusal] = {}
    for name in names:
        try:
            checked_key(folder, name)
        except errors.BadName as refusal:
            refused[name] = refusal
    return refused


def offer(
    drive: Drive, *, folder: str, wishes: Sequence[Wish], by: User
) -> list[Offer]:
    """One for each wish. A file whose upload was begun goes on where it was."""
    require_writable(drive, by=by)
    keys: dict[str, str] = {}
    offers: dict[str, Offer] = {}
    for wish in wishes:
        try:
            keys[wish.name] = _key_of(drive, folder, wish)
        except (errors.BadName, errors.StoreFull, errors.TooLarge) as refusal:
            offers[wish.name] = Refused(refusal)
    there = standing(drive, list(keys.values()))
    is_kept = bool(there) and store_of(drive).keeps_versions(drive.bucket)
    for wish in wishes:
        if key := keys.get(wish.name):
            offers[wish.name] = _offer(
                drive, key, wish, there.get(key), is_kept=is_kept, by=by
            )
    whole = sum(isinstance(one, Whole) for one in offers.values())
    if whole:
        audit.record(
            "file.links_given",
            f"{drive.name}/{folder}",
            by=by,
            workspace=drive.workspace.slug,
            files=whole,
        )
    return [offers[wish.name] for wish in wishes]


def resume(upload: Upload, *, size_bytes: int, by: User) -> Parted:
    """Raises NotTheFile, or UploadGone where nothing is left of it."""
    require_writable(upload.drive, by=by)
    if upload.finished_at or size_bytes != upload.size_bytes:
        raise errors.NotTheFile(size=filesizeformat(upload.size_bytes))
    if going := _going_on(upload):
        return going
    raise errors.UploadGone


def _key_of(drive: Drive, folder: str, wish: Wish) -> str:
    if wish.size_bytes > LARGEST_FILE:
        raise errors.TooLarge
    require_room(drive, wish.size_bytes)
    return checked_key(folder, wish.name)


def _offer(
    drive: Drive,
    key: str,
    wish: Wish,
    there: ObjectFacts | None,
    *,
    is_kept: bool,
    by: User,
) -> Offer:
    is_parted = wish.size_bytes > SMALLEST_PART
    if is_parted and (begun := _begun(drive, key, wish, by=by)):
        return begun
    wanted = key
    if there and wish.is_beside:
        key, there = free_key(drive, key), None
    elif there and not _is_agreed(there, wish, is_kept=is_kept):
        return Taken(there, is_kept=is_kept)
    if there and not is_kept:
        record("file.replaced_for_good", drive, key, by=by)
    replaces = there.etag if there else ""
    if is_parted:
        return _begin(drive, key, wish, wanted=wanted, replaces=replaces, by=by)
    return Whole(
        key=key,
        url=link_to_file(drive, key=key, replaces=replaces, by=by),
        headers=store_of(drive).condition(replaces or None),
        replaces=replaces,
    )


def _is_agreed(there: ObjectFacts, wish: Wish, *, is_kept: bool) -> bool:
    is_sure = is_kept or is_typed(wish.confirmed, there.name)
    return there.etag == wish.replaces and is_sure


def link_to_file(
    drive: Drive, *, key: str, replaces: str, by: User, is_inside: bool = False
) -> str:
    """Where a whole file is put, in place of nothing but the etag `replaces`."""
    require_writable(drive, by=by)
    return store_of(drive).link_to_put(
        drive.bucket,
        checked_key("", key),
        lifetime=LINK_LIFE,
        replacing=replaces or None,
        is_inside=is_inside,
    )


def _begun(drive: Drive, key: str, wish: Wish, *, by: User) -> Parted | None:
    found = Upload.objects.unfinished().filter(
        drive=drive,
        started_by=by,
        wanted_key=key,
        size_bytes=wish.size_bytes,
        modified_ms=wish.modified_ms,
    )
    return next((going for one in found if (going := _going_on(one))), None)


def _going_on(upload: Upload) -> Parted | None:
    """None, and forgotten, where the store has nothing of it any more."""
    drive = upload.drive
    try:
        stored = store_of(drive).stored_parts(
            drive.bucket, upload.key, upload.store_upload
        )
    except UploadNotFound:
        upload.delete()
        return None
    return Parted(upload, stored)


def _begin(
    drive: Drive, key: str, wish: Wish, *, wanted: str, replaces: str, by: User
) -> Parted:
    begun = store_of(drive).start_upload(
        drive.bucket, key, content_type=wish.content_type
    )
    upload = Upload.objects.create(
        drive=drive,
        key=key,
        wanted_key=wanted,
        store_upload=begun,
        size_bytes=wish.size_bytes,
        modified_ms=wish.modified_ms,
        part_bytes=part_bytes(wish.size_bytes),
        replaces=replaces,
        started_by=by,
    )
    return Parted(upload)
