"""A folder of a million files, made inside the store in minutes rather than hours.

The store loads names from a file, as from a backup: what S3 does for each file (a version,
a volume's needle) is left out, what lists and tells of names is all there.
"""

import os
import struct
import subprocess
import tempfile
import time
from pathlib import Path

from hexa.backends.storage import seaweedfs

_HANDS = 16
_CONTENT = b"a,b\n1,2\n"


def fill(
    home: Path, ports: seaweedfs.Ports, *, bucket: str, folder: str, count: int
) -> None:
    """`home`: the store's own folder, which holds what its inner parts ask for."""
    with tempfile.NamedTemporaryFile(suffix=".meta") as names:
        now = int(time.time())
        for number in range(count):
            names.write(_record(f"/buckets/{bucket}/{folder}", number, now))
        names.flush()
        command = f"fs.meta.load -v=false -concurrency={_HANDS} {names.name}\n"
        subprocess.run(
            [
                str(seaweedfs.binary()),
                "shell",
                f"-master=127.0.0.1:{ports.master}.{ports.master_grpc}",
                f"-filer=127.0.0.1:{ports.filer}.{ports.filer_grpc}",
            ],
            input=command.encode(),
            env={**os.environ, "HOME": str(home)},
            cwd=home,
            check=True,
            capture_output=True,
        )


def _record(folder: str, number: int, now: int) -> bytes:
    """Length and message (`filer.proto`: FullEntry), as `fs.meta.save` writes them."""
    attributes = _number(2, now) + _number(3, 0o660) + _number(6, now)
    entry = (
        _bytes(1, f"{number:07}-cases.csv".encode())
        + _bytes(4, attributes)
        + _bytes(9, _CONTENT)
    )
    full = _bytes(1, folder.encode()) + _bytes(2, entry)
    return struct.pack(">I", len(full)) + full


def _bytes(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
