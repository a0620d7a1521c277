"""Several files and folders as one zip, made while it is sent."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from io import RawIOBase
from struct import pack
from typing import TYPE_CHECKING
from zipfile import ZIP64_LIMIT, ZipFile, ZipInfo

from hexa.backends.storage.errors import ObjectNotFound, StoreOutage
from hexa.backends.storage.store import ObjectFacts, ObjectStore
from hexa.files import errors, permissions
from hexa.files.models import Drive
from hexa.files.queries.store import store_of
from hexa.foundation.actors import Actor

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

# What a zip lists at its end is kept until then: some hundred bytes for each file.
MOST_FILES = 20_000
# Of the format, in bytes: what a zip says of a file before it, behind it and at the end.
_LOCAL, _CENTRAL, _END, _END_64 = 30, 46, 22, 56 + 20
_BEHIND, _BEHIND_64 = 16, 24
_LARGER = 20  # room for sizes beyond 2 GiB in what is said before
_OLDEST = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Bundle:
    """`chunks` raises when a file is not read as it was listed: the zip ends there, short
    of its size, so that nobody takes it for whole."""

    name: str
    size_bytes: int
    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class _Entry:
    info: ZipInfo
    facts: ObjectFacts

    @property
    def is_large(self) -> bool:
        return self.facts.size_bytes > ZIP64_LIMIT


class _Sink(RawIOBase):
    """Takes what is written, until it is sent; cannot go back in it."""

    def __init__(self) -> None:
        self.held: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, content: "ReadableBuffer", /) -> int:
        self.held.append(bytes(content))
        return len(self.held[-1])

    def taken(self) -> bytes:
        content = b"".join(self.held)
        self.held.clear()
        return content


def bundle(drive: Drive, paths: Sequence[str], *, by: Actor) -> Bundle:
    """Not compressed, since most data is already; folders with all in them.

    Raises NothingChosen, ObjectNotFound, TooMuchForZip.
    """
    permissions.VIEW_FILES.require(by, drive.workspace)
    if not paths:
        raise errors.NothingChosen
    entries: list[_Entry] = []
    for path in paths:
        above = path[: path.removesuffix("/").rfind("/") + 1]
        for facts in _objects(drive, path):
            if len(entries) == MOST_FILES:
                raise errors.TooMuchForZip(most=MOST_FILES)
            entries.append(_Entry(_info(inside(facts.key[len(above) :]), facts), facts))
    if not entries:
        raise ObjectNotFound
    return Bundle(_name(drive, paths), _size(entries), _zipped(drive, entries))


def _info(name: str, facts: ObjectFacts) -> ZipInfo:
    """With the moment of its change: for those who know no better in UTC, and exactly."""
    at = facts.modified_at.astimezone(UTC)
    info = ZipInfo(name, max(_OLDEST, at.timetuple()[:6]))
    info.CRC = info.compress_size = info.file_size = 0  # told behind its content
    # The extended timestamp of Info-ZIP, which unzip, tar and file managers read.
    info.extra = pack("<HHBi", 0x5455, 5, 1, min(int(at.timestamp()), 2**31 - 1))
    if info.is_dir():
        info.external_attr = (0o40755 << 16) | 0x10
    else:
        info.external_attr = 0o100644 << 16
    return info


def _size(entries: Iterable[_Entry]) -> int:
    """Of the whole zip, before anything of it is made."""
    sent = listed = 0
    for entry in entries:
        header, size = len(entry.info.FileHeader(zip64=False)), entry.facts.size_bytes
        large = 8 * (2 * entry.is_large + (sent > ZIP64_LIMIT))
        listed += header - _LOCAL + _CENTRAL + large + (4 if large else 0)
        sent += header
        if not entry.info.is_dir():
            sent += size + (_LARGER + _BEHIND_64 if entry.is_large else _BEHIND)
    return sent + listed + _END + (_END_64 if max(sent, listed) > ZIP64_LIMIT else 0)


def _zipped(drive: Drive, entries: Iterable[_Entry]) -> Iterator[bytes]:
    store, sink = store_of(drive), _Sink()
    with ZipFile(sink, "w") as zipped:
        for entry in entries:
            if entry.info.is_dir():
                zipped.mkdir(entry.info)
                continue
            with zipped.open(entry.info, "w", force_zip64=entry.is_large) as file:
                for chunk in _content(store, drive.bucket, entry.facts):
                    file.write(chunk)
                    yield sink.taken()
    yield sink.taken()


def _objects(drive: Drive, path: str) -> Iterator[ObjectFacts]:
    store = store_of(drive)
    if not path.endswith("/"):
        yield store.head(drive.bucket, path)
        return
    after: str | None = ""
    while after is not None:
        page = store.list_keys(drive.bucket, path, after=after)
        yield from page.objects
        after = page.next


def _content(store: ObjectStore, bucket: str, facts: ObjectFacts) -> Iterator[bytes]:
    sent = 0
    for chunk in store.stream(bucket, facts.key, etag=facts.etag):
        sent += len(chunk)
        yield chunk
    if sent != facts.size_bytes:
        raise StoreOutage


def inside(name: str) -> str:
    """No name leads out of the folder that the zip is unpacked in."""
    segments = ("_" if one in {".", ".."} else one for one in name.split("/"))
    return "/".join(segments).replace("\\", "_")


def _name(drive: Drive, paths: Sequence[str]) -> str:
    """Of the one folder; of several things, that of where they lie."""
    stem = paths[0].removesuffix("/")
    if len(paths) > 1:
        stem = stem[: max(0, stem.rfind("/"))]
    return f"{stem.rpartition('/')[2] or drive.bucket}.zip"
