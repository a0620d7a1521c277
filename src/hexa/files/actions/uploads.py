"""Files on their way in: in parts straight to the store, or through the web."""

from collections.abc import Sequence
from datetime import timedelta
from typing import IO

from django.db import transaction

from hexa.accounts.models import User
from hexa.backends.storage.store import Part
from hexa.files.actions.objects import checked_key, require_writable
from hexa.files.models import Drive, Upload
from hexa.files.queries.store import store_of
from hexa.foundation import audit

# S3 takes 10 000 parts of at least 5 MiB. Small parts lose little when a line drops.
_SMALLEST_PART = 8 * 2**20
_MOST_PARTS = 9_000
_MIB = 2**20
# A part must begin in this time; a role that changes ends the upload with it.
_LINK_LIFE = timedelta(minutes=2)


def part_bytes(size_bytes: int) -> int:
    """In how large parts a file of this size is sent; whole MiB."""
    needed = -(-size_bytes // _MOST_PARTS)
    return max(_SMALLEST_PART, -(-needed // _MIB) * _MIB)


def start_upload(
    drive: Drive, *, folder: str, name: str, content_type: str, by: User
) -> Upload:
    require_writable(drive, by=by)
    key = checked_key(folder, name)
    begun = store_of(drive).start_upload(drive.bucket, key, content_type=content_type)
    return Upload.objects.create(
        drive=drive, key=key, store_upload=begun, started_by=by
    )


def link_to_part(upload: Upload, *, number: int, by: User) -> str:
    """Where the browser puts part `number`, from 1."""
    require_writable(upload.drive, by=by)
    return store_of(upload.drive).link_to_put_part(
        upload.drive.bucket,
        upload.key,
        upload.store_upload,
        number,
        lifetime=_LINK_LIFE,
    )


def complete_upload(
    upload: Upload, *, parts: Sequence[tuple[int, str]], by: User
) -> None:
    """The file appears, whole, in place of one of the same name."""
    drive = upload.drive
    require_writable(drive, by=by)
    store_of(drive).complete_upload(
        drive.bucket,
        upload.key,
        upload.store_upload,
        [Part(number, etag) for number, etag in parts],
    )
    with transaction.atomic():
        _record(drive, upload.key, by=by)
        upload.delete()


def cancel_upload(upload: Upload, *, by: User) -> None:
    require_writable(upload.drive, by=by)
    store_of(upload.drive).abort_upload(
        upload.drive.bucket, upload.key, upload.store_upload
    )
    upload.delete()


def upload(
    drive: Drive,
    *,
    folder: str,
    name: str,
    content: IO[bytes],
    content_type: str,
    by: User,
) -> str:
    """One file that came through the web, of any size; its key."""
    require_writable(drive, by=by)
    key = checked_key(folder, name)
    store_of(drive).put_stream(drive.bucket, key, content, content_type=content_type)
    _record(drive, key, by=by)
    return key


def _record(drive: Drive, key: str, *, by: User) -> None:
    audit.record(
        "file.uploaded", f"{drive.name}/{key}", by=by, workspace=drive.workspace.slug
    )
