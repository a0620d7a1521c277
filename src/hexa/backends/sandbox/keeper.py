"""The keeper: starts and stops sandboxes for those who may not.

    python -m hexa.backends.sandbox.keeper --config run/keeper.json

It listens on a UNIX socket and speaks the lines described in `requests`. Sandboxes do
not notice when it ends: the next keeper finds them by their records.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from hexa.backends.sandbox.cages import Cages
from hexa.backends.sandbox.errors import AlreadyRunning
from hexa.backends.sandbox.lines import Json, LineService, Verb
from hexa.backends.sandbox.requests import Start, Stats, Told, sandbox_id
from hexa.backends.sandbox.sandbox import Sandbox

log = logging.getLogger(__name__)

_GRACE_SECONDS = 3.0
_KILL_SECONDS = 1.5
_WATCH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Read from the file that the supervisor writes."""

    socket: Path
    state: Path
    # Who else than the keeper's own uid may ask.
    callers: frozenset[int]
    # Folders from which sandboxes may be given something.
    mountable: tuple[Path, ...]
    log_level: str = "INFO"

    @classmethod
    def read(cls, path: Path) -> Self:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            socket=Path(stored["socket"]),
            state=Path(stored["state"]),
            callers=frozenset(stored["callers"]),
            mountable=tuple(Path(folder) for folder in stored["mountable"]),
            log_level=stored.get("log_level", "INFO"),
        )


class Keeper:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._cages = Cages(settings.state)
        self._sandboxes: dict[str, Sandbox] = {}
        self._over: dict[str, asyncio.Event] = {}
        # Ended, but the kernel still holds something of theirs.
        self._untidy: list[Sandbox] = []
        self._busy: dict[str, asyncio.Lock] = {}
        self._verbs: dict[str, Verb] = {
            "start": self._start,
            "stop": self._stop,
            "poll": self._poll,
            "stats": self._stats,
            "list": self._list,
        }

    async def run(self) -> None:
        """Serves until asked to stop."""
        self._find()
        service = LineService(
            self._settings.socket, callers=self._settings.callers, verbs=self._verbs
        )
        server = await service.listen()
        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        watching = asyncio.create_task(self._watch())
        log.info(
            "keeper ready",
            extra={"limits": self._cages.kind, "found": len(self._over)},
        )
        async with server:
            await stopping.wait()
        watching.cancel()

    def _find(self) -> None:
        self._settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in sorted(self._settings.state.iterdir()):
            try:
                sandbox = Sandbox.found(folder, self._cages)
            except (OSError, ValueError, KeyError, TypeError) as error:
                # Died between making the folder and its record; nothing ran yet.
                log.warning(
                    "unreadable record of a sandbox",
                    extra={"folder": folder.name, "cause": str(error)},
                )
                continue
            self._adopt(sandbox)

    def _adopt(self, sandbox: Sandbox) -> None:
        name = sandbox.record.id
        self._sandboxes[name] = sandbox
        self._over.pop(name, None)
        try:
            handle = os.pidfd_open(sandbox.record.pid)
        except OSError:
            sandbox.conclude()
            self._untidy.append(sandbox)
            return
        if not sandbox.is_running:
            os.close(handle)
            sandbox.conclude()
            self._untidy.append(sandbox)
            return
        over = self._over[name] = asyncio.Event()
        loop = asyncio.get_running_loop()

        def ended() -> None:
            loop.remove_reader(handle)
            os.close(handle)
            with contextlib.suppress(ChildProcessError):  # started by another keeper
                os.waitpid(sandbox.record.pid, os.WNOHANG)
            sandbox.conclude()
            self._untidy.append(sandbox)
            self._over.pop(name, None)
            over.set()
            log.info(
                "sandbox ended",
                extra={"sandbox": name, "exit_code": sandbox.record.exit_code},
            )

        loop.add_reader(handle, ended)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            for name in list(self._over):
                self._sandboxes[name].watch()
            self._untidy = [left for left in self._untidy if not left.is_tidy()]

    async def _start(self, asked: Json) -> Told:
        start = Start.parsed(asked, mountable=self._settings.mountable)
        async with self._lock(start.id):
            if start.id in self._over:
                raise AlreadyRunning(id=start.id)
            sandbox = Sandbox.start(self._settings.state / start.id, start, self._cages)
            self._adopt(sandbox)
        log.info("sandbox started", extra={"sandbox": start.id})
        return sandbox.tell()

    async def _stop(self, asked: Json) -> Told:
        """Answers when no process is left."""
        name = sandbox_id(asked)
        async with self._lock(name):
            over = self._over.get(name)
            if over is not None:
                sandbox = self._sandboxes[name]
                sandbox.ask_to_end()
                if not await _happens(over, within=_GRACE_SECONDS):
                    sandbox.kill()
                    await _happens(over, within=_KILL_SECONDS)
        return await self._poll(asked)

    async def _poll(self, asked: Json) -> Told:
        name = sandbox_id(asked)
        if name in self._sandboxes:
            return self._sandboxes[name].tell()
        return {
            "id": name,
            "state": "unknown",
            "exit_code": None,
            "started_at": None,
            "last_kill": None,
        }

    async def _stats(self, asked: Json) -> Stats | None:
        name = sandbox_id(asked)
        return self._sandboxes[name].stats() if name in self._over else None

    async def _list(self, _: Json) -> list[Told]:
        return [sandbox.tell() for sandbox in self._sandboxes.values()]

    def _lock(self, name: str) -> asyncio.Lock:
        return self._busy.setdefault(name, asyncio.Lock())


async def _happens(event: asyncio.Event, *, within: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), within)
    except TimeoutError:
        return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    settings = Settings.read(parser.parse_args().config)
    logging.basicConfig(
        level=settings.log_level, format="%(asctime)s %(levelname)s %(message)s"
    )
    asyncio.run(Keeper(settings).run())


if __name__ == "__main__":
    main()
