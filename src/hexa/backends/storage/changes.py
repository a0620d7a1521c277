"""What changes in the embedded store, told as it happens and from any moment on.

The service of `changes_service` answers on a UNIX socket: {"since": nanoseconds} is
followed by one JSON object a line, oldest first, without end:

    {"at", "bucket", "key", "size", "modified", "etag"}   a file or folder is there
    {"at", "bucket", "key", "gone": true}                 it is not, or is hidden
    {"at"}                                                nothing that concerns files
    {"lost": true}                                        the store died meanwhile
"""

import datetime as dt
import json
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hexa.backends.storage.errors import StoreOutage
from hexa.backends.storage.store import ObjectFacts

_MOST = 2000
_SETTLES_S = 0.2
_PIECE = 2**18


@dataclass(frozen=True, slots=True)
class Change:
    """`facts`: what is there now; None: nothing is."""

    bucket: str
    key: str
    facts: ObjectFacts | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Empty every now and then, when nothing changes.

    `first_ns` and `last_ns` are the times of its first and last line; 0 without any.
    """

    changes: Sequence[Change]
    first_ns: int = 0
    last_ns: int = 0
    # Changes may be missing before this batch: what was not yet written was lost.
    has_lost: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    path: Path

    def since(self, at_ns: int, *, idle_s: float = 1.0) -> Iterator[Batch]:
        """All changes after that moment, then those to come. Raises StoreOutage."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(_SETTLES_S)
                connection.connect(str(self.path))
                connection.sendall(json.dumps({"since": at_ns}).encode() + b"\n")
                yield from _batches(connection, idle_s)
        except (OSError, ValueError) as error:
            raise StoreOutage from error


def _batches(connection: socket.socket, idle_s: float) -> Iterator[Batch]:
    rest, told = b"", list[dict[str, Any]]()
    last_told = time.monotonic()
    while True:
        try:
            piece = connection.recv(_PIECE)
            if not piece:
                raise ConnectionResetError
            *lines, rest = (rest + piece).split(b"\n")
            told += map(json.loads, lines)
            if len(told) < _MOST:
                continue
        except TimeoutError:
            if not told and time.monotonic() - last_told < idle_s:
                continue
        last_told = time.monotonic()
        yield _batch(told)
        told = []


def _batch(told: Sequence[dict[str, Any]]) -> Batch:
    times = [one["at"] for one in told if "at" in one]
    return Batch(
        changes=[_change(one) for one in told if "key" in one],
        first_ns=times[0] if times else 0,
        last_ns=times[-1] if times else 0,
        has_lost=any("lost" in one for one in told),
    )


def _change(one: dict[str, Any]) -> Change:
    facts = None
    if "gone" not in one:
        facts = ObjectFacts(
            key=one["key"],
            size_bytes=one["size"],
            modified_at=dt.datetime.fromtimestamp(one["modified"], dt.UTC),
            etag=one["etag"],
        )
    return Change(one["bucket"], one["key"], facts)
