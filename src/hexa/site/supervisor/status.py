"""The state of all components, asked over a UNIX socket.

Whoever connects reads one JSON document to the end of the stream:
{"ready", "pid", "url", "data", "version", "components": [{"name", "state", …}]}
"""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypedDict

_PATIENCE_S = 3.0


class ComponentStatus(TypedDict):
    name: str
    title: str
    state: str
    version: str
    pid: int | None
    restarts: int


class Status(TypedDict):
    ready: bool
    pid: int
    url: str
    data: str
    version: str
    components: list[ComponentStatus]


@contextlib.asynccontextmanager
async def served(path: Path, current: Callable[[], Status]) -> AsyncIterator[None]:
    """Open to every local service: the document holds nothing secret."""

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            writer.write(json.dumps(current()).encode())
            await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(answer, sock=_bound(path))
    try:
        yield
    finally:
        server.close()
        _remove(path)


def _bound(path: Path) -> socket.socket:
    _remove(path)
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    channel.bind(str(path))
    path.chmod(0o666)
    return channel


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def ask(path: Path) -> Status | None:
    """None where no supervisor answers."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as channel:
            channel.settimeout(_PATIENCE_S)
            channel.connect(str(path))
            with channel.makefile("rb") as stream:
                status: Status = json.load(stream)
    except (OSError, ValueError):
        return None
    return status
