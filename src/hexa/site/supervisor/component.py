"""What to run, when, and how to know that it works."""

import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

Probe = Callable[[], Awaitable[bool]]


async def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Component:
    """One process (with its children) that is to run as long as the platform does."""

    name: str
    title: str
    version: str
    # Made anew at each start, off the event loop: it may look for files.
    command: Callable[[], Sequence[str]]
    is_ready: Probe
    environment: Mapping[str, str] = field(default_factory=dict)
    working_directory: Path = Path("/")
    # Names of components and tasks that must be ready before its first start.
    after: frozenset[str] = frozenset()
    # Names of those that must have stopped before it is stopped, beyond `after`.
    outlives: frozenset[str] = frozenset()
    # What it needs done each time it has come up, before it counts as ready. An Outage
    # that it raises starts the component again.
    settle: Callable[[], Awaitable[None]] = _nothing
    # What must be done through it before the platform stops it for good.
    before_stop: Callable[[], Awaitable[None]] = _nothing
    stop_signal: signal.Signals = signal.SIGTERM
    stop_patience_s: float = 3.0
    start_patience_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Task:
    """Something done once per start of the platform, between components."""

    name: str
    title: str
    run: Callable[[], Awaitable[None]]
    after: frozenset[str] = frozenset()
