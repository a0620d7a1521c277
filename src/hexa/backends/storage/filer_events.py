"""What the store's inner log of names says, read into changes of files.

Its messages are protocol buffers (`filer.proto`: SubscribeMetadataResponse). The few
fields that matter are read here, by their numbers, rather than by generated code. Where
a bucket keeps versions, a file `a/x.csv` is a folder `a/x.csv.versions` whose attributes
name the latest version, its size and time, and whether it is a marker of deletion.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

ROOT = "/buckets/"
_VERSIONS = ".versions"
_UPLOADS = ".uploads"
_LATEST = b"Seaweed-X-Amz-Latest-Version-"
_ETAG = b"Seaweed-X-Amz-ETag"

Told = dict[str, Any]
Fields = dict[int, list[Any]]


@dataclass(frozen=True, slots=True)
class _Entry:
    path: str
    is_folder: bool
    size: int
    modified: int
    mime: str
    md5: bytes
    extended: Mapping[bytes, bytes]

    @property
    def is_made(self) -> bool:
        """A folder somebody made, rather than one that a file implies."""
        return bool(self.mime or self.md5 or _ETAG in self.extended)


def subscription(since_ns: int, *, client: int) -> bytes:
    """The request (SubscribeMetadataRequest) for everything in buckets after a time."""
    return b"".join(
        (
            _text(1, "hexa"),
            _text(2, ROOT),
            _number(3, since_ns),
            _number(7, client),
            _number(9, 1),
        )
    )


def read(message: bytes) -> list[Told]:
    """Lines for `changes`, at least one: the last always says when."""
    event = _fields(message)
    at = int(event.get(3, [0])[0])
    told = _fields(event.get(2, [b""])[0])
    directory = _str(event, 1)
    new_directory = _str(told, 4) or directory
    old = _entry(told.get(1), directory)
    new = _entry(told.get(2), new_directory)
    if old and new and old.path != new.path:
        lines = [*_gone(old), *_there(new)]
    else:
        lines = list(_there(new) if new else _gone(old) if old else ())
    return [{"at": at, **line} for line in lines] or [{"at": at}]


def _there(entry: _Entry) -> Iterator[Told]:
    place = _place(entry)
    if place is None:
        return
    bucket, key = place
    if not entry.is_folder:
        etag = entry.extended.get(_ETAG, b"").decode() or entry.md5.hex()
        yield _line(bucket, key, size=entry.size, modified=entry.modified, etag=etag)
    elif key.endswith(_VERSIONS):
        yield from _latest(entry, bucket, key.removesuffix(_VERSIONS))
    elif entry.is_made:
        yield _line(bucket, f"{key}/", size=0, modified=entry.modified, etag="")


def _latest(entry: _Entry, bucket: str, key: str) -> Iterator[Told]:
    latest = {
        name.removeprefix(_LATEST): value
        for name, value in entry.extended.items()
        if name.startswith(_LATEST)
    }
    if latest.get(b"Is-Delete-Marker") == b"true":
        yield {"bucket": bucket, "key": key, "gone": True}
    elif b"Size" in latest:  # else it was just made, and what it holds comes next
        yield _line(
            bucket,
            key,
            size=int(latest[b"Size"]),
            modified=int(latest.get(b"Mtime", b"0")),
            etag=latest.get(b"ETag", b"").decode().strip('"'),
        )


def _gone(entry: _Entry) -> Iterator[Told]:
    place = _place(entry)
    if place is None:
        return
    bucket, key = place
    if entry.is_folder and not key.endswith(_VERSIONS):
        key = f"{key}/"
    yield {"bucket": bucket, "key": key.removesuffix(_VERSIONS), "gone": True}


def _place(entry: _Entry) -> tuple[str, str] | None:
    """Bucket and key; None for what is the store's own."""
    bucket, _, key = entry.path.removeprefix(ROOT).partition("/")
    *folders, _ = key.split("/")
    if not key or bucket.startswith("."):
        return None
    if key.split("/")[0] == _UPLOADS or any(one.endswith(_VERSIONS) for one in folders):
        return None
    return bucket, key


def _line(bucket: str, key: str, *, size: int, modified: int, etag: str) -> Told:
    return {
        "bucket": bucket,
        "key": key,
        "size": size,
        "modified": modified,
        "etag": etag,
    }


def _entry(found: list[Any] | None, directory: str) -> _Entry | None:
    if not found:
        return None
    entry = _fields(found[0])
    attributes = _fields(entry.get(4, [b""])[0])
    extended = {}
    for pair in entry.get(5, []):
        item = _fields(pair)
        extended[item.get(1, [b""])[0]] = item.get(2, [b""])[0]
    return _Entry(
        path=f"{directory.rstrip('/')}/{_str(entry, 1)}",
        is_folder=bool(entry.get(2, [0])[0]),
        size=_size(entry, attributes),
        modified=int(attributes.get(2, [0])[0]),
        mime=_str(attributes, 7),
        md5=attributes.get(14, [b""])[0],
        extended=extended,
    )


def _size(entry: Fields, attributes: Fields) -> int:
    """As the store itself reckons: what is declared, held inside, or held in chunks."""
    chunks = [_fields(chunk) for chunk in entry.get(3, [])]
    ends = [int(c.get(2, [0])[0]) + int(c.get(3, [0])[0]) for c in chunks]
    content = len(entry.get(9, [b""])[0])
    return max([int(attributes.get(1, [0])[0]), content, *ends])


# --- Protocol buffers: only what these messages use


def _fields(data: bytes) -> Fields:
    """Values by field number: numbers as int, everything else as bytes."""
    found: Fields = {}
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        value: Any
        match tag & 7:
            case 0:
                value, at = _varint(data, at)
            case 1:
                (value,), at = struct.unpack_from("<q", data, at), at + 8
            case 2:
                length, at = _varint(data, at)
                value, at = data[at : at + length], at + length
            case 5:
                (value,), at = struct.unpack_from("<i", data, at), at + 4
            case kind:
                raise ValueError(kind)
        found.setdefault(tag >> 3, []).append(value)
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def _str(fields: Fields, number: int) -> str:
    found: bytes = fields.get(number, [b""])[0]
    return found.decode(errors="replace")


def _text(number: int, text: str) -> bytes:
    encoded = text.encode()
    return _tagged(number << 3 | 2) + _tagged(len(encoded)) + encoded


def _number(number: int, value: int) -> bytes:
    return _tagged(number << 3) + _tagged(value)


def _tagged(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
