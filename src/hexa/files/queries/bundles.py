"""Several files and folders as one zip, made while it is sent."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from zipstream import ZipStream

from hexa.backends.storage.errors import ObjectNotFound, StoreOutage
from hexa.backends.storage.store import ObjectFacts, ObjectStore
from hexa.files import errors, permissions
from hexa.files.models import Drive
from hexa.files.queries.store import store_of
from hexa.foundation.actors import Actor

# What a zip lists at its end is kept until then: some hundred bytes for each file.
MOST_FILES = 20_000


@dataclass(frozen=True, slots=True)
class Bundle:
    """`chunks` raises when a file is not read as it was listed: the zip ends there, short
    of its size, so that nobody takes it for whole."""

    name: str
    size_bytes: int
    chunks: Iterator[bytes]


def bundle(drive: Drive, paths: Sequence[str], *, by: Actor) -> Bundle:
    """Not compressed, since most data is already; folders with all in them.

    Raises NothingChosen, ObjectNotFound, TooMuchForZip.
    """
    permissions.VIEW_FILES.require(by, drive.workspace)
    if not paths:
        raise errors.NothingChosen
    store, zipped, count = store_of(drive), ZipStream(sized=True), 0
    for path in paths:
        above = path[: path.removesuffix("/").rfind("/") + 1]
        for facts in _objects(drive, path):
            count += 1
            if count > MOST_FILES:
                raise errors.TooMuchForZip(most=MOST_FILES)
            name = inside(facts.key[len(above) :])
            if name.endswith("/"):
                zipped.mkdir(name)
            else:
                content = _content(store, drive.bucket, facts)
                zipped.add(content, name, size=facts.size_bytes)
    if not count:
        raise ObjectNotFound
    return Bundle(_name(drive, paths), len(zipped), iter(zipped))


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
