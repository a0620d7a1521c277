"""A folder of a million files in a store that stands still, in seconds.

Names are appended to the store's own log (LevelDB's, `doc/log_format.md`), as if it had
taken them just before it was stopped; it reads them when it starts. What S3 does for
each file (a version, a volume's needle, a word to those who listen) is left out; what
lists, tells of and opens files is all there. Asking for each of them, even by the
store's own `fs.meta.load`, takes twenty times the work.
"""

import hashlib
import struct
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import google_crc32c

_AT_ONCE = 1000
_ROW = b"1,2\n"
_SMALL = [bytes([value]) for value in range(128)]
# Larger than any number that the store has given to a change so far.
_FIRST_CHANGE = 1 << 40
_BLOCK, _HEADER = 32_768, struct.Struct("<IHB")
_WHOLE, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4


def name_of(number: int) -> str:
    return f"{number:07}-cases.csv"


def fill(home: Path, *, bucket: str, folder: str, count: int) -> None:
    """`home`: the folder of a store that is stopped, and has the bucket.

    Sizes differ; each thousand is a second older than the one before it.
    """
    names = home / "data" / "names"
    numbers = [int(digits) for one in names.iterdir() if (digits := _digits(one))]
    entries = _entries(bucket, folder, count)
    change = _FIRST_CHANGE + max(numbers) * _FIRST_CHANGE
    with (names / f"{max(numbers) + 1:06}.log").open("xb") as log:
        while some := list(islice(entries, _AT_ONCE)):
            head = struct.pack("<QI", change, len(some))
            _append(log, head + b"".join(some))
            change += len(some)


def _digits(file: Path) -> str:
    """The number in `000012.log`, `000012.ldb` and `MANIFEST-000012`."""
    number = file.stem.removeprefix("MANIFEST-")
    return number if number.isdecimal() else ""


def _append(log: BinaryIO, record: bytes) -> None:
    """In pieces that end where a block of the log does."""
    begun = 0
    while begun < len(record) or not begun:
        room = _BLOCK - log.tell() % _BLOCK - _HEADER.size
        if room < 0:
            log.write(bytes(room + _HEADER.size))
            continue
        piece = record[begun : begun + room]
        ends = begun + len(piece) == len(record)
        kind = (_LAST if ends else _MIDDLE) if begun else (_WHOLE if ends else _FIRST)
        log.write(_HEADER.pack(_checksum(bytes([kind]) + piece), len(piece), kind))
        log.write(piece)
        begun += len(piece)


def _checksum(piece: bytes) -> int:
    """Turned, since a log may hold logs."""
    plain = int(google_crc32c.value(piece))
    return ((plain >> 15 | plain << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _entries(bucket: str, folder: str, count: int) -> Iterator[bytes]:
    """What a batch holds of each: that it is put, its place, and what is known of it."""
    now = int(time.time())
    place = f"/buckets/{bucket}"
    for name in folder.split("/"):
        yield _put(place, name, _number(2, 1) + _attributes(now, 1 << 31 | 0o755))
        place += f"/{name}"
    for begun in range(0, count, _AT_ONCE):
        values = _files(now - begun // _AT_ONCE)
        for number in range(begun, min(begun + _AT_ONCE, count)):
            yield _put(place, name_of(number), values[number % len(values)])


def _files(at: int) -> list[bytes]:
    """Of eleven sizes."""
    contents = [b"a,b\n" + _ROW * rows for rows in range(1, 12)]
    return [
        _attributes(
            at,
            0o660,
            _number(1, len(content)) + _bytes(14, hashlib.md5(content).digest()),  # noqa: S324 # an ETag
        )
        + _bytes(9, content)
        for content in contents
    ]


def _put(folder: str, name: str, value: bytes) -> bytes:
    key = f"{folder}\0{name}".encode()
    return b"\x01" + _varint(len(key)) + key + _varint(len(value)) + value


def _attributes(at: int, mode: int, more: bytes = b"") -> bytes:
    """`filer.proto`: FuseAttributes in an Entry."""
    times = _number(2, at) + _number(6, at)
    return _bytes(4, times + _number(3, mode) + more)


def _bytes(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _varint(value: int) -> bytes:
    if value < 128:
        return _SMALL[value]
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
