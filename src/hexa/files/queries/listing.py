"""A folder of a drive, one page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hexa.backends.storage.store import ObjectFacts
from hexa.files import permissions
from hexa.files.models import Drive
from hexa.files.queries.store import store_of
from hexa.foundation.actors import Actor

PAGE_SIZE = 50
_LINK_LIFE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    key: str
    is_folder: bool
    size_bytes: int | None = None
    modified_at: datetime | None = None
    etag: str = ""

    @property
    def is_hidden(self) -> bool:
        return self.name.startswith(".")


@dataclass(frozen=True, slots=True)
class Listing:
    """`after` continues the folder; empty: this page is its last."""

    entries: Sequence[Entry]
    after: str


def folder(drive: Drive, path: str, *, after: str = "", by: Actor) -> Listing:
    """Folders first within the page; pages go by name, as the store keeps it.

    Costs the store a page, however large the folder. Raises Outage.
    """
    permissions.VIEW_FILES.require(by, drive.workspace)
    page = store_of(drive).list_page(drive.bucket, path, after=after, limit=PAGE_SIZE)
    folders = [
        Entry(name=key[len(path) :].removesuffix("/"), key=key, is_folder=True)
        for key in page.folders
    ]
    files = [
        Entry(
            name=one.name,
            key=one.key,
            is_folder=False,
            size_bytes=one.size_bytes,
            modified_at=one.modified_at,
            etag=one.etag,
        )
        for one in page.objects
    ]
    return Listing(entries=[*folders, *files], after=page.next or "")


def folders(drive: Drive, path: str, *, by: Actor) -> list[str]:
    """The names of the folders in this one, as far as its first 1 000 entries show."""
    permissions.VIEW_FILES.require(by, drive.workspace)
    page = store_of(drive).list_page(drive.bucket, path, limit=1000)
    return [key[len(path) :].removesuffix("/") for key in page.folders]


def facts(drive: Drive, key: str, *, version: str = "", by: Actor) -> ObjectFacts:
    """With `version`, of what it held then. Raises NotFound or Outage."""
    permissions.VIEW_FILES.require(by, drive.workspace)
    return store_of(drive).head(drive.bucket, key, version=version)


def download_link(drive: Drive, key: str, *, version: str = "", by: Actor) -> str:
    """Where a browser downloads the file, for a minute; it must begin by then.

    It may ask for ranges of it. With `version`, of what the file held then.
    """
    permissions.VIEW_FILES.require(by, drive.workspace)
    found = store_of(drive).head(drive.bucket, key, version=version)
    return store_of(drive).link_to_get(
        drive.bucket, key, lifetime=_LINK_LIFE, save_as=found.name, version=version
    )
