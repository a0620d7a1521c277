"""The supervisor with small real processes: restart, patience, order, no orphans."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from hexa.site.installation import Installation, Trouble
from hexa.site.supervisor.component import Component, Task
from hexa.site.supervisor.lifecycle import Supervisor
from hexa.site.supervisor.watch import State, Watch

MARKED = "HEXA_TEST_MARK"
FOREVER = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {FOREVER}"
PARENT = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {FOREVER!r}]); {FOREVER}"


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    place = Installation(tmp_path)
    for name in ("run", "logs"):
        place.path(name).mkdir()
    return place


def component(
    installation: Installation,
    name: str,
    code: str = FOREVER,
    *,
    after: frozenset[str] = frozenset(),
    patience_s: float = 3.0,
) -> Component:
    log = installation.path("logs", f"{name}.log")

    async def is_ready() -> bool:
        return log.exists() and "up" in log.read_text(encoding="utf-8")

    return Component(
        name=name,
        title=name,
        version="1",
        command=lambda: [sys.executable, "-c", code],
        is_ready=is_ready,
        after=after,
        stop_patience_s=patience_s,
    )


class Run:
    """A supervisor at work, and what it told."""

    def __init__(
        self,
        installation: Installation,
        *components: Component,
        tasks: tuple[Task, ...] = (),
    ) -> None:
        self.told: list[tuple[str, State]] = []
        self.ready = asyncio.Event()
        self.supervisor = Supervisor(
            installation=installation,
            components=components,
            tasks=tasks,
            environment={"PATH": os.defpath, MARKED: str(installation.data)},
            url="http://127.0.0.1",
            version="1",
            changed=self._changed,
            done=lambda task, _: self.told.append((task.name, State.READY)),
        )
        self.work = asyncio.create_task(self.supervisor.run(when_ready=self.ready.set))

    def _changed(self, watch: Watch) -> None:
        self.told.append((watch.component.name, watch.state))

    def pid(self, name: str) -> int:
        pid = self.supervisor.watches[name].pid
        assert pid is not None
        return pid

    async def stop(self) -> None:
        self.supervisor.stopping.set()
        await self.work


def left(installation: Installation) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARKED) == str(installation.data):
                found.append(process)
        except psutil.Error:
            continue
    return found


async def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    for _ in iter(holds, True):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def test_starts_in_order_and_stops_in_reverse(installation: Installation) -> None:
    async def prepare() -> None:
        await asyncio.sleep(0)

    run = Run(
        installation,
        component(installation, "web", after=frozenset({"migrate"})),
        component(installation, "database"),
        tasks=(Task("migrate", "migrate", prepare, after=frozenset({"database"})),),
    )
    await asyncio.wait_for(run.ready.wait(), 15)
    ready = [name for name, state in run.told if state is State.READY]
    assert ready == ["database", "migrate", "web"]
    await run.stop()
    stopped = [name for name, state in run.told if state is State.STOPPED]
    assert stopped == ["web", "database"]
    assert left(installation) == []


async def test_what_is_killed_comes_back(installation: Installation) -> None:
    run = Run(installation, component(installation, "web"))
    await asyncio.wait_for(run.ready.wait(), 15)
    before = run.pid("web")
    os.kill(before, signal.SIGKILL)
    watch = run.supervisor.watches["web"]
    await until(lambda: watch.restarts == 1 and watch.state is State.READY)
    assert run.pid("web") != before
    await run.stop()
    assert left(installation) == []


async def test_children_of_a_killed_process_do_not_outlive_it(
    installation: Installation,
) -> None:
    run = Run(installation, component(installation, "web", PARENT))
    await asyncio.wait_for(run.ready.wait(), 15)
    await until(lambda: len(left(installation)) == 2)
    children = psutil.Process(run.pid("web")).children()
    os.kill(run.pid("web"), signal.SIGKILL)
    _, alive = await asyncio.to_thread(psutil.wait_procs, children, 5)
    assert alive == []
    await run.stop()
    assert left(installation) == []


async def test_what_ignores_being_asked_is_killed(installation: Installation) -> None:
    run = Run(installation, component(installation, "web", STUBBORN, patience_s=0.3))
    await asyncio.wait_for(run.ready.wait(), 15)
    await asyncio.wait_for(run.stop(), 5)
    assert left(installation) == []


async def test_what_never_starts_stops_everything_and_says_why(
    installation: Installation,
) -> None:
    broken = component(installation, "web", "raise SystemExit('no such table')")
    run = Run(installation, component(installation, "database"), broken)
    with pytest.raises(Trouble, match="It last said: no such table"):
        await asyncio.wait_for(run.work, 15)
    assert left(installation) == []


async def test_a_missing_program_is_named(installation: Installation) -> None:
    missing = Component(
        name="web",
        title="Web",
        version="1",
        command=lambda: ["/nowhere/program"],
        is_ready=component(installation, "web").is_ready,
    )
    run = Run(installation, missing)
    with pytest.raises(Trouble, match="Web cannot be started"):
        await asyncio.wait_for(run.work, 15)


async def test_stopping_while_starting_leaves_nothing(
    installation: Installation,
) -> None:
    silent = component(installation, "web", FOREVER.replace("'up'", "''"))
    run = Run(installation, silent)
    await until(lambda: run.supervisor.watches["web"].pid is not None)
    await asyncio.wait_for(run.stop(), 5)
    assert not run.ready.is_set()
    assert left(installation) == []
