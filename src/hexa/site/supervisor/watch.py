"""The life of one component: start, readiness, restart with back-off, stop."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from hexa.foundation.errors import Outage
from hexa.site.installation import Trouble
from hexa.site.supervisor import process
from hexa.site.supervisor.component import Component

log = logging.getLogger(__name__)

_PAUSES_S = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_TRIES_AT_FIRST = 3
_STEADY_S = 60.0
_CHECK_EVERY_S = 5.0
_CHECKS_BEFORE_RESTART = 6
_ASK_EVERY_S = 0.05


class State(StrEnum):
    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    UNRESPONSIVE = "unresponsive"
    RESTARTING = "restarting"
    STOPPING = "stopping"
    STOPPED = "stopped"


@dataclass
class Watch:
    component: Component
    logs: Path
    environment: dict[str, str]
    changed: Callable[["Watch"], None]
    state: State = State.WAITING
    pid: int | None = None
    restarts: int = 0
    ready_after_s: float = 0.0
    was_ready: asyncio.Event = field(default_factory=asyncio.Event)
    _process: asyncio.subprocess.Process | None = None
    _is_wanted: bool = True
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def log_file(self) -> Path:
        return self.logs / f"{self.component.name}.log"

    async def run(self) -> None:
        """Until `stop`. Raises Trouble if it never becomes ready."""
        failures = 0
        try:
            while self._is_wanted:
                started = time.monotonic()
                try:
                    await self._live()
                except Trouble:
                    # Once it has run, it is worth waiting for: an upgrade, perhaps.
                    if not self.was_ready.is_set():
                        raise
                if not self._is_wanted:
                    return
                lived_well = time.monotonic() - started > _STEADY_S
                failures = 0 if lived_well else failures + 1
                if not self.was_ready.is_set() and failures >= _TRIES_AT_FIRST:
                    raise self._trouble()
                await self._pause(failures)
        finally:
            self._is_wanted = False
            self._enter(State.STOPPED)

    async def stop(self, *, patience_s: float) -> None:
        self._is_wanted = False
        self._wake.set()
        if self._process is not None:
            is_ready = self.state is State.READY
            self._enter(State.STOPPING)
            if is_ready:
                await self._before_stop(patience_s)
            await process.stop(
                self._process,
                how=self.component.stop_signal,
                patience_s=min(patience_s, self.component.stop_patience_s),
            )

    async def _before_stop(self, patience_s: float) -> None:
        try:
            async with asyncio.timeout(max(patience_s, 0.1)):
                await self.component.before_stop()
        except (TimeoutError, OSError, Outage):
            # Nobody is left to ask; what remains is ended at the next start.
            log.exception("not wound down", extra={"component": self.component.name})

    async def _live(self) -> None:
        """One life of the process, from start to end."""
        self._enter(State.STARTING)
        started = time.monotonic()
        try:
            running = await self._begin()
        except OSError as error:
            raise Trouble(
                f"{self.component.title} cannot be started ({error}).",
                "`hexa doctor` says what is missing.",
            ) from error
        self._process = running
        self.pid = running.pid
        ended = asyncio.create_task(running.wait())
        checks = asyncio.create_task(self._check(started))
        try:
            if self._is_wanted:
                done = {ended, checks}
                await asyncio.wait(done, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await self._end(running)
            checks.cancel()
        if self._is_wanted:
            name = self.component.name
            log.warning(
                "component ended", extra={"component": name, "code": await ended}
            )
        if checks.done() and not checks.cancelled():
            # What it raises nobody foresaw: the platform ends, and says so.
            checks.result()

    async def _begin(self) -> asyncio.subprocess.Process:
        command = await asyncio.to_thread(self.component.command)
        return await process.start(
            command,
            environment=self.environment | dict(self.component.environment),
            working_directory=self.component.working_directory,
            log=self.log_file,
        )

    async def _end(self, running: asyncio.subprocess.Process) -> None:
        await process.stop(
            running,
            how=self.component.stop_signal,
            patience_s=self.component.stop_patience_s,
        )
        self.pid = None
        self._process = None

    async def _check(self, started: float) -> None:
        """Asks for readiness, first often, then now and then; returns to give up."""
        name = self.component.name
        try:
            ready = await self._becomes_ready(started)
        except Outage:
            log.exception("component not settled", extra={"component": name})
            return
        missed = 0
        while ready and missed < _CHECKS_BEFORE_RESTART:
            await asyncio.sleep(_CHECK_EVERY_S)
            missed = 0 if await self.component.is_ready() else missed + 1
            if self._is_wanted:
                self._enter(State.READY if missed == 0 else State.UNRESPONSIVE)
        log.warning("component does not answer", extra={"component": name})

    async def _becomes_ready(self, started: float) -> bool:
        while not await self.component.is_ready():
            if time.monotonic() - started > self.component.start_patience_s:
                return False
            await asyncio.sleep(_ASK_EVERY_S)
        await self.component.settle()
        if self._is_wanted:
            self.ready_after_s = time.monotonic() - started
            self._enter(State.READY)
            self.was_ready.set()
        return True

    async def _pause(self, failures: int) -> None:
        self.restarts += 1
        self._enter(State.RESTARTING)
        pause = _PAUSES_S[min(max(failures - 1, 0), len(_PAUSES_S) - 1)]
        try:
            async with asyncio.timeout(pause):
                await self._wake.wait()
        except TimeoutError:
            return

    def _enter(self, state: State) -> None:
        if state != self.state:
            self.state = state
            self.changed(self)

    def _trouble(self) -> Trouble:
        last = last_line(self.log_file)
        said = f" It last said: {last}" if last else ""
        return Trouble(
            f"{self.component.title} does not start.{said}",
            f"See {self.log_file}; `hexa doctor` looks for the usual causes.",
        )


def last_line(path: Path) -> str:
    """The last non-empty line of a log, cut to a readable length."""
    try:
        with path.open("rb") as file:
            file.seek(max(path.stat().st_size - 4096, 0))
            lines = file.read().decode(errors="replace").strip().splitlines()
    except FileNotFoundError:
        return ""
    return lines[-1].strip()[:200] if lines else ""
