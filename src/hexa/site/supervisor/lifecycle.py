"""All components together: ordered start, failure, ordered stop."""

import asyncio
import os
import shutil
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hexa.site.installation import Installation
from hexa.site.supervisor import status
from hexa.site.supervisor.component import Component, Task
from hexa.site.supervisor.watch import State, Watch

Work = Coroutine[None, None, None]

STOP_WITHIN_S = 9.0
_ROTATE_EVERY_S = 20.0
_LOG_LIMIT_BYTES = 10 * 2**20


@dataclass
class Supervisor:
    """Runs components until `stop` is called or one of them cannot be started."""

    installation: Installation
    components: Sequence[Component]
    tasks: Sequence[Task]
    environment: dict[str, str]
    url: str
    version: str
    changed: Callable[[Watch], None]
    done: Callable[[Task, float], None]
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        logs = self.installation.path("logs")
        self.watches = {
            component.name: Watch(component, logs, self.environment, self.changed)
            for component in self.components
        }
        self._finished = {task.name: asyncio.Event() for task in self.tasks}

    async def run(self, *, when_ready: Callable[[], None]) -> None:
        """Raises Trouble when a component never becomes ready."""
        async with status.served(self.installation.status_socket, self.status):
            work = asyncio.gather(*self._work(when_ready))
            try:
                await self._until_stopped(work)
            finally:
                await self._stop_all()
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)

    def status(self) -> status.Status:
        watches = self.watches.values()
        return {
            "ready": all(watch.state is State.READY for watch in watches),
            "pid": os.getpid(),
            "url": self.url,
            "data": str(self.installation.data),
            "version": self.version,
            "components": [
                {
                    "name": watch.component.name,
                    "title": watch.component.title,
                    "state": watch.state.value,
                    "version": watch.component.version,
                    "pid": watch.pid,
                    "restarts": watch.restarts,
                }
                for watch in watches
            ],
        }

    def _work(self, when_ready: Callable[[], None]) -> Iterator[Work]:
        yield from (self._live(watch) for watch in self.watches.values())
        yield from (self._perform(task) for task in self.tasks)
        yield self._announce(when_ready)
        yield self._rotate_logs()

    async def _until_stopped(self, work: asyncio.Future[list[None]]) -> None:
        asked = asyncio.create_task(self.stopping.wait())
        awaited: set[asyncio.Future[Any]] = {work, asked}
        await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        if work.done():
            await work

    async def _live(self, watch: Watch) -> None:
        await self._wait_for(watch.component.after)
        if not self.stopping.is_set():
            await watch.run()

    async def _perform(self, task: Task) -> None:
        await self._wait_for(task.after)
        started = time.monotonic()
        await task.run()
        self._finished[task.name].set()
        self.done(task, time.monotonic() - started)

    async def _wait_for(self, names: frozenset[str]) -> None:
        for name in sorted(names):
            if name in self.watches:
                await self.watches[name].was_ready.wait()
            else:
                await self._finished[name].wait()

    async def _announce(self, when_ready: Callable[[], None]) -> None:
        await self._wait_for(frozenset(self.watches) | frozenset(self._finished))
        when_ready()

    async def _rotate_logs(self) -> None:
        while True:
            await asyncio.sleep(_ROTATE_EVERY_S)
            for watch in self.watches.values():
                await asyncio.to_thread(rotate, watch.log_file)

    async def _stop_all(self) -> None:
        """In reverse order, side by side where nothing stands between."""
        self.stopping.set()
        deadline = time.monotonic() + STOP_WITHIN_S
        gone = {name: asyncio.Event() for name in self.watches}

        async def stop(name: str) -> None:
            for other in self._to_stop_before(name):
                await gone[other].wait()
            await self.watches[name].stop(patience_s=deadline - time.monotonic())
            gone[name].set()

        await asyncio.gather(*(stop(name) for name in self.watches))

    def _to_stop_before(self, name: str) -> list[str]:
        standing_on_it = [
            other.name for other in self.components if name in self._needs(other)
        ]
        outlived = self.watches[name].component.outlives & set(self.watches)
        return [*standing_on_it, *outlived]

    def _needs(self, component: Component) -> set[str]:
        """Components it starts after, through tasks too."""
        tasks = {task.name: task for task in self.tasks}
        needed = set(component.after)
        for name in component.after & set(tasks):
            needed |= tasks[name].after
        return needed


def rotate(path: Path) -> None:
    """Keeps one older log. Copied and cut, since the process goes on writing to it."""
    if path.exists() and path.stat().st_size > _LOG_LIMIT_BYTES:
        shutil.copyfile(path, path.with_suffix(".log.1"))
        os.truncate(path, 0)
