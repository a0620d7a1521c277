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
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from hexa.backends.sandbox.cages import Cages
from hexa.backends.sandbox.errors import AlreadyRunning, StartFailed
from hexa.backends.sandbox.families import Families
from hexa.backends.sandbox.lines import Json, LineService, Verb
from hexa.backends.sandbox.requests import Start, Stats, Told, sandbox_id
from hexa.backends.sandbox.sandbox import Sandbox

log = logging.getLogger(__name__)

_GRACE_SECONDS = 3.0
_KILL_SECONDS = 1.5
_WATCH_SECONDS = 1.0
_BREATH_SECONDS = 3.0


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
    # How many sandboxes to hold ready.
    early: int = 0

    @classmethod
    def read(cls, path: Path) -> Self:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            socket=Path(stored["socket"]),
            state=Path(stored["state"]),
            callers=frozenset(stored["callers"]),
            mountable=tuple(Path(folder) for folder in stored["mountable"]),
            log_level=stored.get("log_level", "INFO"),
            early=stored.get("early", 0),
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
        self._refill: asyncio.TimerHandle | None = None
        self._verbs: dict[str, Verb] = {
            "start": self._start,
            "stop": self._stop,
            "poll": self._poll,
            "wait": self._wait,
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
        await self._end_those_who_wait()

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
            if sandbox.record.waits_for is not None:
                # Made by a keeper that may have known other programs.
                sandbox.kill()

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
            # Not `name`: one that waited has another since it is somebody's.
            self._over.pop(sandbox.record.id, None)
            over.set()
            if sandbox.record.waits_for is not None:
                self._forget(sandbox.record.id)
            log.info(
                "sandbox ended",
                extra={
                    "sandbox": sandbox.record.id,
                    "exit_code": sandbox.record.exit_code,
                },
            )

        loop.add_reader(handle, ended)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            if self._over:
                families = Families.now()
                for name in list(self._over):
                    self._sandboxes[name].watch(families)
            self._untidy = [left for left in self._untidy if not left.is_tidy()]

    async def _start(self, asked: Json) -> Told:
        start = Start.parsed(asked, mountable=self._settings.mountable)
        async with self._lock(start.id):
            if start.id in self._over:
                raise AlreadyRunning(id=start.id)
            self._forget(start.id)
            sandbox = self._one_that_waited(start)
            if sandbox is None:
                folder = self._settings.state / start.id
                sandbox = Sandbox.start(folder, start, self._cages)
                self._adopt(sandbox)
        log.info("sandbox started", extra={"sandbox": start.id})
        if start.waiting is not None and self._settings.early and os.geteuid() == 0:
            # Not at once: what just starts needs the processors.
            if self._refill is not None:
                self._refill.cancel()
            loop = asyncio.get_running_loop()
            self._refill = loop.call_later(_BREATH_SECONDS, self._hold_ready, start)
        return sandbox.tell()

    def _one_that_waited(self, start: Start) -> Sandbox | None:
        for name, sandbox in list(self._sandboxes.items()):
            if name not in self._over or not sandbox.can_become(start):
                continue
            try:
                has_become = sandbox.become(start)
            except OSError:
                log.exception("a sandbox that waited is lost", extra={"sandbox": name})
                sandbox.kill()
                continue
            if has_become:
                self._sandboxes[start.id] = self._sandboxes.pop(name)
                self._over[start.id] = self._over.pop(name)
                return sandbox
        return None

    def _hold_ready(self, like: Start) -> None:
        """As many as wanted, all able to become what was asked for last."""
        running = [self._sandboxes[name] for name in self._over]
        waiting = [each for each in running if each.record.waits_for is not None]
        fitting = [each for each in waiting if each.can_become(like)]
        for other in waiting:
            if other not in fitting:
                other.kill()
        for _ in range(self._settings.early - len(fitting)):
            folder = self._settings.state / f"early-{uuid.uuid4().hex[:12]}"
            try:
                self._adopt(Sandbox.early(folder, like, self._cages))
            except StartFailed as error:
                log.warning("no sandbox held ready", extra={"cause": str(error)})
                return

    async def _end_those_who_wait(self) -> None:
        if self._refill is not None:
            self._refill.cancel()
        over = []
        for name, event in self._over.items():
            sandbox = self._sandboxes[name]
            if sandbox.record.waits_for is not None:
                sandbox.kill()
                over.append(_happens(event, within=_KILL_SECONDS))
        await asyncio.gather(*over)

    def _forget(self, name: str) -> None:
        """The record of one that is over and had a folder of another name."""
        over = self._sandboxes.pop(name, None)
        if over is not None:
            over.remove()

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

    async def _wait(self, asked: Json) -> Told:
        """Answers when it is over."""
        over = self._over.get(sandbox_id(asked))
        if over is not None:
            await over.wait()
        return await self._poll(asked)

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
