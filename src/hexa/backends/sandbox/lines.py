"""Small services on UNIX sockets: one JSON object a line asks, one answers.

An answer is {"ok": …} or {"refused": {"code", "message"}}. Who may ask is decided by the
uid that the kernel tells, not by anything that is said.
"""

import asyncio
import contextlib
import json
import logging
import os
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import ClassVar

from hexa.foundation.errors import Invalid, Outage, Refusal

log = logging.getLogger(__name__)

Json = Mapping[str, object]
Verb = Callable[[Json], Awaitable[object]]

_LONGEST_LINE = 2**20


class NotUnderstood(Invalid):
    """This was not understood, or is not for you to ask."""

    code: ClassVar[str] = "NOT_UNDERSTOOD"


class LineService:
    def __init__(
        self, path: Path, *, callers: frozenset[int], verbs: Mapping[str, Verb]
    ) -> None:
        """`callers` may ask besides root and the service's own uid."""
        self._path = path
        self._callers = callers
        self._verbs = verbs

    async def listen(self) -> asyncio.Server:
        self._path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            server = await asyncio.start_unix_server(
                self._serve, self._path, limit=_LONGEST_LINE
            )
        finally:
            os.umask(before)
        others = self._callers - {os.geteuid()}
        if os.geteuid() == 0 and len(others) == 1:
            uid = next(iter(others))
            os.chown(self._path, uid, uid)
        elif others:
            self._path.chmod(0o666)  # each caller is still asked who it is
        return server

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with contextlib.suppress(ConnectionError, ValueError):  # a line too long
            if stranger(writer, self._callers):
                writer.write(to_line(_refused(NotUnderstood())))
                await writer.drain()
            else:
                async for line in reader:
                    writer.write(to_line(await self._answer(line)))
                    await writer.drain()
        writer.close()

    async def _answer(self, line: bytes) -> Json:
        try:
            asked = json.loads(line)
            verb = self._verbs[asked["do"]]
        except (ValueError, KeyError, TypeError):
            return _refused(NotUnderstood())
        try:
            return {"ok": await verb(asked)}
        except (Refusal, Outage) as error:
            return _refused(error)


class Refused(Exception):
    """The service's own words, to be raised again by who knows its errors."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)


def ask(path: Path, asked: Json, *, seconds: float) -> object:
    """Raises OSError when nobody answers, and Refused."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(seconds)
        connection.connect(str(path))
        connection.sendall(to_line(asked))
        with connection.makefile("rb") as answers:
            return _understood(answers.readline())


async def ask_async(path: Path, asked: Json, *, seconds: float | None) -> object:
    """Raises OSError when nobody answers, and Refused. None: however long it takes."""
    async with asyncio.timeout(seconds):
        reader, writer = await asyncio.open_unix_connection(path, limit=_LONGEST_LINE)
        try:
            writer.write(to_line(asked))
            return _understood(await reader.readline())
        finally:
            writer.close()


def to_line(told: Json) -> bytes:
    return json.dumps(told).encode() + b"\n"


def _understood(line: bytes) -> object:
    if not line:
        raise ConnectionResetError
    answer = json.loads(line)
    if "refused" in answer:
        raise Refused(answer["refused"]["code"], answer["refused"]["message"])
    return answer["ok"]


def _refused(error: Refusal | Outage) -> Json:
    return {"refused": {"code": error.code, "message": str(error)}}


def stranger(writer: asyncio.StreamWriter, callers: frozenset[int]) -> bool:
    """Whether somebody asks who is neither a caller, nor root, nor the service."""
    caller = _uid_of(writer)
    if caller in callers | {os.geteuid(), 0}:
        return False
    log.warning("a stranger asked", extra={"uid": caller})
    return True


def _uid_of(writer: asyncio.StreamWriter) -> int:
    connection = writer.get_extra_info("socket")
    credentials = connection.getsockopt(
        socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")
    )
    _, uid, _ = struct.unpack("3i", credentials)
    return int(uid)
