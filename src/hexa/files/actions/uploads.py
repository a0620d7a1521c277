"""Files on their way in: in parts, whole, or through a form."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from typing import IO

from django.db import transaction
from django.utils import timezone

from hexa.accounts.models import User
from hexa.backends.storage.errors import (
    ObjectChanged,
    ObjectExists,
    UploadIncomplete,
    UploadNotFound,
)
from hexa.backends.storage.store import Copied, Marker, ObjectFacts, Part
from hexa.files import errors
from hexa.files.actions.objects import (
    checked_key,
    record,
    require_room,
    require_writable,
)
from hexa.files.actions.offers import LINK_LIFE, Parted, Taken, part_bytes
from hexa.files.actions.targets import is_typed
from hexa.files.models import Drive, Upload
from hexa.files.queries.standing import at, free_key, standing
from hexa.files.queries.store import store_of
from hexa.foundation import audit
from hexa.foundation.actors import Actor, System

_PLATFORM = System("files")
# What nobody came back to; said in the guide.
KEPT_FOR = timedelta(days=7)
_ANSWER_KEPT_FOR = timedelta(days=1)
# As `islands/upload/parts.ts` sends them.
PARTS_AT_ONCE = 3


def links_to_parts(
    upload: Upload,
    *,
    numbers: Sequence[int],
    sent_bytes: int,
    by: User,
    is_inside: bool = False,
) -> list[str]:
    """Where parts of these numbers, from 1, are put. `sent_bytes` have arrived, says the
    browser.

    Raises StoreFull where the store ran full meanwhile: it would only answer that it
    has trouble.
    """
    drive = upload.drive
    require_writable(drive, by=by)
    size = len(numbers) * part_bytes(upload.size_bytes)
    require_room(drive, min(upload.size_bytes, size))
    upload.sent_bytes = min(sent_bytes, upload.size_bytes)
    upload.seen_at = timezone.now()
    upload.save(update_fields=["sent_bytes", "seen_at"])
    store = store_of(drive)
    return [
        store.link_to_put_part(
            drive.bucket,
            upload.key,
            upload.store_upload,
            number,
            lifetime=LINK_LIFE,
            is_inside=is_inside,
        )
        for number in numbers
    ]


def first_links(going: Parted, *, by: User) -> Mapping[int, str]:
    """Where the parts go that a page sends first, by their numbers: with the offer, so
    that it need not ask."""
    upload = going.upload
    stored = {one.number for one in going.stored}
    count = -(-upload.size_bytes // upload.part_bytes)
    left = (number for number in range(1, count + 1) if number not in stored)
    numbers = list(islice(left, PARTS_AT_ONCE))
    try:
        urls = links_to_parts(
            upload, numbers=numbers, sent_bytes=upload.sent_bytes, by=by
        )
    except errors.StoreFull:  # told when a part is asked for
        return {}
    return dict(zip(numbers, urls, strict=True))


def complete_upload(
    upload: Upload,
    *,
    parts: Sequence[tuple[int, str]],
    replaces: str | None = None,
    confirmed: str = "",
    is_beside: bool = False,
    by: User,
) -> ObjectFacts | Taken:
    """The file appears, whole, of these parts: number and etag of each.

    Taken: what its name stood for is not what it was; then the person chooses: to
    replace what is there now (its etag, and its name `confirmed` where it would be gone
    for good), or to stand beside it. Told again of an upload that is complete, answers the same. Raises
    UploadIncomplete or CannotKeepBoth; the parts are kept in both.
    """
    drive = upload.drive
    require_writable(drive, by=by)
    if upload.finished_at:
        return store_of(drive).head(drive.bucket, upload.key)
    is_agreed = bool(replaces) and not is_beside
    if is_agreed and (taken := _unsure(upload, confirmed)):
        return taken
    replaces = upload.replaces if replaces is None else replaces
    listed = [Part(number, etag.strip('"')) for number, etag in parts]
    try:
        _require_whole(upload, listed)
        if is_beside:
            _complete_beside(upload, listed)
        else:
            _complete(upload, listed, replaces)
    except (ObjectExists, ObjectChanged):
        there = at(drive, upload.key)
        if there is None:  # what was to be replaced is gone: nothing is in the way
            return complete_upload(upload, parts=parts, replaces="", by=by)
        return _taken(upload, there)
    except UploadNotFound:
        if not _is_ours(upload, listed):
            raise
    _finish(upload, is_agreed=is_agreed, by=by)
    return store_of(drive).head(drive.bucket, upload.key)


def _finish(upload: Upload, *, is_agreed: bool, by: User) -> None:
    drive = upload.drive
    is_lost = is_agreed and not store_of(drive).keeps_versions(drive.bucket)
    with transaction.atomic():
        upload.finished_at = timezone.now()
        upload.save(update_fields=["finished_at", "key"])
        if is_lost:
            record("file.replaced_for_good", drive, upload.key, by=by)
        record("file.uploaded", drive, upload.key, by=by)


def _unsure(upload: Upload, confirmed: str) -> Taken | None:
    """What would be lost for good without its name having been typed."""
    there = at(upload.drive, upload.key)
    if there is None or is_typed(confirmed, there.name):
        return None
    taken = _taken(upload, there)
    return None if taken.is_kept else taken


def _taken(upload: Upload, there: ObjectFacts) -> Taken:
    """Parts are held under one name: see `_complete_beside`."""
    drive = upload.drive
    is_kept = store_of(drive).keeps_versions(drive.bucket)
    return Taken(there, is_kept=is_kept, has_room_beside=is_kept)


def _require_whole(upload: Upload, parts: Sequence[Part]) -> None:
    """Every part the browser names is there, and together they are the file."""
    drive = upload.drive
    there = {
        (one.number, one.etag): one.size_bytes
        for one in store_of(drive).stored_parts(
            drive.bucket, upload.key, upload.store_upload
        )
    }
    sizes = [there.get((part.number, part.etag)) for part in parts]
    if None in sizes or sum(size or 0 for size in sizes) != upload.size_bytes:
        raise UploadIncomplete


def _complete(upload: Upload, parts: Sequence[Part], replaces: str) -> Copied:
    drive = upload.drive
    return store_of(drive).complete_upload(
        drive.bucket,
        upload.key,
        upload.store_upload,
        parts,
        replacing=replaces or None,
    )


def _complete_beside(upload: Upload, parts: Sequence[Part]) -> None:
    """A store cannot rename what it holds in parts. So the file takes the name for a
    moment, is copied beside it inside the store, and gives the name back."""
    drive, store = upload.drive, store_of(upload.drive)
    if not store.keeps_versions(drive.bucket):
        raise errors.CannotKeepBoth
    there = at(drive, upload.key)
    made = _complete(upload, parts, there.etag if there else "")
    if there is None:
        return
    key = free_key(drive, upload.key)
    store.copy(
        drive.bucket,
        upload.key,
        version=made.version,
        to_bucket=drive.bucket,
        to_key=key,
    )
    store.forget(drive.bucket, [Marker(upload.key, made.version)])
    upload.key = key


def _is_ours(upload: Upload, parts: Sequence[Part]) -> bool:
    """Whether what stands there was made of these parts: the answer was not heard."""
    there = at(upload.drive, upload.key)
    try:
        sums = b"".join(bytes.fromhex(part.etag) for part in parts)
    except ValueError:  # a store whose etags are no sums
        return False
    made = hashlib.md5(sums, usedforsecurity=False).hexdigest()
    return there is not None and there.etag == f"{made}-{len(parts)}"


def cancel_upload(upload: Upload, *, by: Actor) -> None:
    """What has arrived of it is thrown away."""
    require_writable(upload.drive, by=by)
    _abort(upload)


def abort_abandoned(*, now: datetime) -> int:
    """Those nobody has come back to for a week; how many they were."""
    Upload.objects.visible_to(_PLATFORM).filter(
        finished_at__lt=now - _ANSWER_KEPT_FOR
    ).delete()
    stale = (
        Upload.objects.visible_to(_PLATFORM)
        .unfinished()
        .filter(seen_at__lt=now - KEPT_FOR)
        .select_related("drive__workspace")
    )
    count = 0
    for upload in stale.iterator():
        _abort(upload)
        audit.record(
            "upload.abandoned",
            f"{upload.drive.name}/{upload.key}",
            by=_PLATFORM,
            workspace=upload.drive.workspace.slug,
        )
        count += 1
    return count


def _abort(upload: Upload) -> None:
    drive = upload.drive
    if upload.finished_at is None:
        with suppress(UploadNotFound):  # the store has thrown it away already
            store_of(drive).abort_upload(drive.bucket, upload.key, upload.store_upload)
    upload.delete()


def note_stored(drive: Drive, *, keys: Collection[str], by: User) -> list[ObjectFacts]:
    """Files that went whole, straight to the store: what it now has of them."""
    require_writable(drive, by=by)
    found = standing(drive, [checked_key("", key) for key in keys])
    with transaction.atomic():  # one wait for the disk, not one for each of a hundred
        for key in found:
            record("file.uploaded", drive, key, by=by)
    return list(found.values())


def upload(
    drive: Drive,
    *,
    folder: str,
    name: str,
    content: IO[bytes],
    content_type: str,
    by: User,
    may_replace: bool = False,
    confirmed: str = "",
) -> str:
    """One file that came through a form, of any size; its key.

    It stands beside what has its name already, or takes its place: as a new version, or
    where there are none, once that name was typed, for good.
    """
    require_writable(drive, by=by)
    key = checked_key(folder, name)
    there = at(drive, key)
    is_kept = bool(there) and store_of(drive).keeps_versions(drive.bucket)
    if there and not (may_replace and (is_kept or is_typed(confirmed, there.name))):
        key, there = free_key(drive, key), None
    if there and not is_kept:
        record("file.replaced_for_good", drive, key, by=by)
    store_of(drive).put_stream(
        drive.bucket,
        key,
        content,
        content_type=content_type,
        replacing=there.etag if there else None,
    )
    record("file.uploaded", drive, key, by=by)
    return key
