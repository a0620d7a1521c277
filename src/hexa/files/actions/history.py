"""Going back to what a file was, and taking files out of the trash."""

from collections.abc import Iterable

from hexa.accounts.models import User
from hexa.backends.storage.errors import ObjectChanged, ObjectNotFound
from hexa.backends.storage.store import Marker, Version
from hexa.files import errors
from hexa.files.actions.objects import record, require_writable
from hexa.files.models import Drive
from hexa.files.queries.store import store_of

_MOST_AT_ONCE = 200


def restore(drive: Drive, *, key: str, version: str, seen: str, by: User) -> None:
    """The file holds again what it held; what it holds now stays as a version.

    `seen` is the id of the version that was in force when the person looked. Raises
    ObjectChanged if it no longer is, ObjectNotFound without such a version.
    """
    require_writable(drive, by=by)
    now = _in_force(drive, key)
    if now is None:
        raise ObjectNotFound
    if now.id != seen:
        raise ObjectChanged
    store_of(drive).copy(
        drive.bucket,
        key,
        to_bucket=drive.bucket,
        to_key=key,
        version=version,
        replacing=None if now.is_deletion else now.etag,
    )
    record("file.restored", drive, key, by=by)


def put_back(drive: Drive, *, keys: Iterable[str], by: User) -> list[str]:
    """Takes files out of the trash; those that were in it.

    A file that was written anew since is left as it is. Raises NothingChosen.
    """
    require_writable(drive, by=by)
    wanted = list(keys)[:_MOST_AT_ONCE]
    if not wanted:
        raise errors.NothingChosen
    hidden = [
        Marker(now.key, now.id)
        for now in (_in_force(drive, key) for key in wanted)
        if now is not None and now.is_deletion
    ]
    store_of(drive).undelete(drive.bucket, hidden)
    for one in hidden:
        record("file.undeleted", drive, one.key, by=by)
    return [one.key for one in hidden]


def _in_force(drive: Drive, key: str) -> Version | None:
    found = store_of(drive).versions_of(drive.bucket, key, limit=1).versions
    return found[0] if found else None
