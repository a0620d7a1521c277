"""Whether anything goes on in this server, told to the platform every minute.

Running code, output of kernels and terminals, saved or moved files and "Keep running"
are activity. Open pages are not: they ask Jupyter's API all the time by themselves.
"""

import asyncio
import datetime as dt
import logging
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol, cast

from jupyter_events import EventLogger
from jupyter_server.serverapp import ServerApp

from hexa_lab.refusals import Refusal
from hexa_lab.session import SessionClient

REPORTED_EVERY_S = 60.0
_FILES_CHANGED = "https://events.jupyter.org/jupyter_server/contents_service/v1"
log = logging.getLogger(__name__)


class Kernel(Protocol):
    execution_state: str
    last_activity: dt.datetime


class Shell(Protocol):
    pid: int


class Terminal(Protocol):
    last_activity: dt.datetime
    ptyproc: Shell


class Activity:
    """Knows since when a server is idle, and says so."""

    def __init__(self, server: ServerApp, session: SessionClient) -> None:
        self._server = server
        self._session = session
        self._touched_at = _now()
        self._reporting: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """To be called inside the event loop."""
        events = self._server.event_logger
        assert events is not None, "every server has one from its start"
        events.add_listener(schema_id=_FILES_CHANGED, listener=self._file_event)
        self._reporting = asyncio.create_task(self._report_forever())

    def end(self) -> None:
        if self._reporting is not None:
            self._reporting.cancel()

    async def keep(self) -> None:
        """The person is here. Raises PlatformDown, SessionOver."""
        self._touched_at = _now()
        await self._report()
        # So that the warning is gone when the page looks again.
        await self._session.refresh()

    def idle_since(self) -> dt.datetime | None:
        """None while something runs."""
        kernels = self._server.kernel_manager
        terminals = self._server.web_app.settings.get("terminal_manager")
        since = idle_since(
            # Typed as kernels of a client, which know less of themselves.
            [cast("Kernel", kernels.get_kernel(k)) for k in kernels.list_kernel_ids()],
            terminals.terminals.values() if terminals else (),
        )
        if since is None:
            return None
        # The manager remembers kernels that were shut down.
        return max(since, self._touched_at, kernels.last_kernel_activity)

    async def _report_forever(self) -> None:
        while True:
            await asyncio.sleep(REPORTED_EVERY_S)
            try:
                await self._report()
            except Refusal as refusal:
                log.warning("activity not reported: %s", refusal)

    async def _report(self) -> None:
        since = self.idle_since()
        await self._session.report(idle_since=since.isoformat() if since else None)

    async def _file_event(
        self,
        logger: EventLogger,  # noqa: ARG002  # Jupyter's signature
        schema_id: str,  # noqa: ARG002
        data: Mapping[str, object],
    ) -> None:
        if data["action"] != "get":
            self._touched_at = _now()


def idle_since(
    kernels: Iterable[Kernel], terminals: Iterable[Terminal]
) -> dt.datetime | None:
    """The last sign of life; None when a kernel computes or a shell runs a program."""
    last = dt.datetime.min.replace(tzinfo=dt.UTC)
    for kernel in kernels:
        # Only "busy" computes: a kernel nobody has spoken to stays "starting".
        if kernel.execution_state == "busy":
            return None
        last = max(last, kernel.last_activity)
    for terminal in terminals:
        if _runs_something(terminal.ptyproc.pid):
            return None
        last = max(last, terminal.last_activity)
    return last


def _runs_something(shell: int) -> bool:
    """Whether a process lives in the shell's session beside it, in front or behind."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == shell:
            continue
        try:
            if os.getsid(int(entry.name)) == shell:
                return True
        except ProcessLookupError:  # ended meanwhile
            continue
    return False


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
