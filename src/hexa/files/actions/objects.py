"""Writing small files, folders, deleting and bringing back."""

from django.db import transaction
from django.utils import timezone

from hexa.accounts.models import User
from hexa.backends.storage.errors import ObjectNotFound
from hexa.backends.storage.store import Marker
from hexa.files import errors, permissions
from hexa.files.models import Access, Deletion, Drive
from hexa.files.queries.store import store_of
from hexa.foundation import audit
from hexa.foundation.actors import Actor
from hexa.workspaces.models import Workspace

_LONGEST_KEY_BYTES = 900
_MOST_DELETED = 1000
# Where the embedded store keeps parts and versions, in the very folder of a file.
_STORES_OWN = (".uploads", ".versions")


def require_writable(drive: Drive, *, by: Actor) -> None:
    """Raises PermissionDenied or ReadOnlyDrive."""
    permissions.WRITE_FILES.require(by, drive.workspace)
    if drive.access != Access.WRITE:
        raise errors.ReadOnlyDrive


def checked_key(folder: str, name: str) -> str:
    """The key of a new file or folder; `name` may hold folders of its own.

    Raises BadName for what the store would fold, hide or refuse.
    """
    key = folder + name
    segments = key.removesuffix("/").split("/")
    bad = (
        not all(segments)
        or not {".", ".."}.isdisjoint(segments)
        or any(segment.endswith(_STORES_OWN) for segment in segments)
        or any(sign == "\\" or ord(sign) < 32 or sign == "\x7f" for sign in key)
        or len(key.encode()) > _LONGEST_KEY_BYTES
    )
    if bad:
        raise errors.BadName(name=name)
    return key


def put(workspace: Workspace, key: str, content: bytes, *, by: Actor) -> None:
    """A small file in the workspace's own bucket."""
    drive = Drive.objects.select_related("workspace").get(
        workspace=workspace, is_own=True
    )
    require_writable(drive, by=by)
    store_of(drive).put(drive.bucket, checked_key("", key), content)
    audit.record("file.written", f"{drive.name}/{key}", by=by, workspace=workspace.slug)


def make_folder(drive: Drive, *, folder: str, name: str, by: Actor) -> str:
    """An empty folder in `folder`; its key. Raises BadName or NameTaken."""
    require_writable(drive, by=by)
    key = checked_key(folder, name.strip().removesuffix("/") + "/")
    there = store_of(drive).list_keys(drive.bucket, key, limit=1)
    if there.objects:
        raise errors.NameTaken(name=name)
    store_of(drive).make_folder(drive.bucket, key)
    _record("folder.made", drive, key, by=by)
    return key


def delete(drive: Drive, *, path: str, by: User) -> Deletion:
    """Hide a file, or a folder with all in it; `undo` brings it back.

    Raises FolderTooLarge beyond 1 000 files.
    """
    require_writable(drive, by=by)
    keys = _keys_of(drive, path)
    if not keys:
        raise ObjectNotFound
    markers = store_of(drive).delete(drive.bucket, keys)
    with transaction.atomic():
        deletion = Deletion.objects.create(
            drive=drive,
            path=path,
            markers=[[marker.key, marker.version] for marker in markers],
            deleted_by=by,
        )
        _record("file.deleted", drive, path, by=by)
    return deletion


def undo(deletion: Deletion, *, by: Actor) -> None:
    """Everything the deletion hid is there again. Raises DeletionGone if it was undone."""
    require_writable(deletion.drive, by=by)
    if deletion.undone_at is not None:
        raise errors.DeletionGone
    markers = [Marker(key, version) for key, version in deletion.markers]
    store_of(deletion.drive).undelete(deletion.drive.bucket, markers)
    with transaction.atomic():
        deletion.undone_at = timezone.now()
        deletion.save(update_fields=["undone_at"])
        _record("file.undeleted", deletion.drive, deletion.path, by=by)


def _keys_of(drive: Drive, path: str) -> list[str]:
    if not path.endswith("/"):
        return [store_of(drive).head(drive.bucket, path).key]
    found = store_of(drive).list_keys(drive.bucket, path, limit=_MOST_DELETED)
    if found.next:
        raise errors.FolderTooLarge(most=_MOST_DELETED)
    return [one.key for one in found.objects]


def _record(action: str, drive: Drive, key: str, *, by: Actor) -> None:
    audit.record(action, f"{drive.name}/{key}", by=by, workspace=drive.workspace.slug)
