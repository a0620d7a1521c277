"""Writing small files and folders, and what every change of a file must respect."""

from django.template.defaultfilters import filesizeformat

from hexa.files import errors, permissions
from hexa.files.models import Access, Drive
from hexa.files.queries.store import room_in, store_of
from hexa.foundation import audit
from hexa.foundation.actors import Actor
from hexa.workspaces.models import Workspace

_LONGEST_KEY_BYTES = 900
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
    record("folder.made", drive, key, by=by)
    return key


def record(action: str, drive: Drive, key: str, *, by: Actor) -> None:
    audit.record(action, f"{drive.name}/{key}", by=by, workspace=drive.workspace.slug)


def require_room(drive: Drive, size_bytes: int) -> None:
    """Raises StoreFull."""
    room = room_in(drive)
    if room is not None and size_bytes > room:
        raise errors.StoreFull(
            size=filesizeformat(size_bytes), room=filesizeformat(room)
        )
