"""Asking the keeper: `Keeper` for ordinary code, `AsyncKeeper` inside an event loop."""

import asyncio
import json
import socket
from pathlib import Path
from typing import cast

from hexa.backends.sandbox.errors import (
    AlreadyRunning,
    BadRequest,
    KeeperUnreachable,
    StartFailed,
)
from hexa.backends.sandbox.requests import Json, Start, Stats, Told

_SECONDS = 15.0
_LONGEST_LINE = 2**20


class Keeper:
    def __init__(self, path: Path) -> None:
        self._path = path

    def poll(self, name: str) -> Told:
        return cast("Told", self._ask({"do": "poll", "id": name}))

    def stop(self, name: str) -> Told:
        return cast("Told", self._ask({"do": "stop", "id": name}))

    def stats(self, name: str) -> Stats | None:
        return cast("Stats | None", self._ask({"do": "stats", "id": name}))

    def list(self) -> list[Told]:
        return cast("list[Told]", self._ask({"do": "list"}))

    def start(self, start: Start) -> Told:
        return cast("Told", self._ask(start.as_json()))

    def _ask(self, asked: Json) -> object:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(_SECONDS)
                connection.connect(str(self._path))
                connection.sendall(_line(asked))
                with connection.makefile("rb") as answers:
                    return _understood(answers.readline())
        except OSError as error:
            raise KeeperUnreachable from error


class AsyncKeeper:
    def __init__(self, path: Path) -> None:
        self._path = path

    async def poll(self, name: str) -> Told:
        return cast("Told", await self._ask({"do": "poll", "id": name}))

    async def stop(self, name: str) -> Told:
        return cast("Told", await self._ask({"do": "stop", "id": name}))

    async def start(self, start: Start) -> Told:
        return cast("Told", await self._ask(start.as_json()))

    async def _ask(self, asked: Json) -> object:
        try:
            async with asyncio.timeout(_SECONDS):
                reader, writer = await asyncio.open_unix_connection(
                    self._path, limit=_LONGEST_LINE
                )
                try:
                    writer.write(_line(asked))
                    return _understood(await reader.readline())
                finally:
                    writer.close()
        except (OSError, TimeoutError) as error:
            raise KeeperUnreachable from error


def _line(asked: Json) -> bytes:
    return json.dumps(asked).encode() + b"\n"


def _understood(line: bytes) -> object:
    if not line:
        raise KeeperUnreachable
    answer = json.loads(line)
    refused = answer.get("refused")
    if refused is None:
        return answer["ok"]
    for known in (AlreadyRunning, StartFailed):
        if refused["code"] == known.code:
            raise known(refused["message"])
    raise BadRequest(refused["message"])
