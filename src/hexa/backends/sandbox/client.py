"""Asking the keeper: `Keeper` for ordinary code, `AsyncKeeper` inside an event loop."""

from pathlib import Path
from typing import cast

from hexa.backends.sandbox import lines
from hexa.backends.sandbox.errors import (
    AlreadyRunning,
    BadRequest,
    KeeperUnreachable,
    StartFailed,
)
from hexa.backends.sandbox.lines import Json
from hexa.backends.sandbox.requests import Start, Stats, Told
from hexa.foundation.errors import Outage, Refusal

_SECONDS = 15.0


class Keeper:
    def __init__(self, path: Path, *, seconds: float = _SECONDS) -> None:
        """`seconds`: how long one answer may take."""
        self._path = path
        self._seconds = seconds

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
            return lines.ask(self._path, asked, seconds=self._seconds)
        except OSError as error:
            raise KeeperUnreachable from error
        except lines.Refused as refused:
            raise _known(refused) from None


class AsyncKeeper:
    def __init__(self, path: Path) -> None:
        self._path = path

    async def poll(self, name: str) -> Told:
        return cast("Told", await self._ask({"do": "poll", "id": name}))

    async def stop(self, name: str) -> Told:
        return cast("Told", await self._ask({"do": "stop", "id": name}))

    async def list(self) -> list[Told]:
        return cast("list[Told]", await self._ask({"do": "list"}))

    async def wait(self, name: str) -> Told:
        """Answers when it is over. Raises KeeperUnreachable also when the keeper ends."""
        return cast("Told", await self._ask({"do": "wait", "id": name}, seconds=None))

    async def start(self, start: Start) -> Told:
        return cast("Told", await self._ask(start.as_json()))

    async def _ask(self, asked: Json, *, seconds: float | None = _SECONDS) -> object:
        try:
            return await lines.ask_async(self._path, asked, seconds=seconds)
        except OSError as error:  # TimeoutError is one
            raise KeeperUnreachable from error
        except lines.Refused as refused:
            raise _known(refused) from None


def _known(refused: lines.Refused) -> Refusal | Outage:
    for kind in (AlreadyRunning, StartFailed):
        if refused.code == kind.code:
            return kind(refused.message)
    return BadRequest(refused.message)
