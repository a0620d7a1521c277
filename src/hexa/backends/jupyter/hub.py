"""The hub's REST interface, as far as web needs it.

`Hub` for ordinary code; `progress` is for an event loop, since it lasts.
"""

import asyncio
import http.client
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self
from urllib.parse import quote, urlsplit

from tornado.httpclient import AsyncHTTPClient, HTTPClientError

from hexa.foundation import errors

_SECONDS = 15.0
_LONGEST_START_SECONDS = 180.0
_LONGEST_STOP_SECONDS = 20.0
_STOP_LOOK_SECONDS = 0.1
_PREFIX = "data: "
_FAILED = "Spawn failed: "


class HubUnreachable(errors.Outage):
    """Notebooks do not answer at the moment. Try again in a few seconds."""

    code: ClassVar[str] = "HUB_UNREACHABLE"


class NotRunning(errors.NotFound):
    """There is no such session."""

    code: ClassVar[str] = "SESSION_NOT_RUNNING"


class Busy(errors.Conflict):
    """This session is just starting or stopping."""

    code: ClassVar[str] = "SESSION_BUSY"


class Unexpected(errors.Outage):
    """Notebooks gave an answer that makes no sense (%(status)s)."""

    code: ClassVar[str] = "HUB_UNEXPECTED"


@dataclass(frozen=True, slots=True)
class Server:
    """A person's server in one workspace."""

    handle: str
    workspace: str
    is_ready: bool
    # "spawn", "stop", or None when nothing is under way
    pending: str | None
    started_at: datetime | None
    last_activity_at: datetime | None

    @classmethod
    def parsed(cls, handle: str, told: dict[str, object]) -> Self:
        pending = told.get("pending")
        return cls(
            handle=handle,
            workspace=str(told["name"]),
            is_ready=told["ready"] is True,
            pending=str(pending) if pending else None,
            started_at=_moment(told.get("started")),
            last_activity_at=_moment(told.get("last_activity")),
        )


@dataclass(frozen=True, slots=True)
class Progress:
    percent: int
    message: str
    is_ready: bool
    has_failed: bool


class Hub:
    """Every method raises HubUnreachable when the hub does not answer."""

    def __init__(self, url: str, *, token: str) -> None:
        """`url` is that of the hub's API, ending in /hub/api."""
        self._url = url
        self._headers = {
            "Authorization": f"token {token}",
            "Content-Type": "application/json",
        }

    def start_server(self, handle: str, workspace: str) -> None:
        """`progress` tells the rest. One that runs or starts stays as it is.

        Returns at once, or after the end of one that is being stopped. Raises Busy when
        that takes longer than a stop may.
        """
        self._call("PUT", f"/people/{quote(handle)}", expected={204})
        deadline = time.monotonic() + _LONGEST_STOP_SECONDS
        while True:
            path = _server(handle, workspace)
            status, _ = self._call("POST", path, expected={201, 202, 400})
            if status != 400:
                return
            # The hub says the same of one that runs, starts and stops.
            server = self.server(handle, workspace)
            if server is not None and server.pending != "stop":
                return
            if time.monotonic() > deadline:
                raise Busy
            time.sleep(_STOP_LOOK_SECONDS)  # it tells nobody when a stop has ended

    def stop_server(self, handle: str, workspace: str) -> None:
        """Returns when it is stopped, or is certain to be. Raises Busy."""
        self._call("DELETE", _server(handle, workspace), expected={202, 204, 404})

    def server(self, handle: str, workspace: str) -> Server | None:
        """None when it does not run and is not about to."""
        status, told = self._call(
            "GET", _server(handle, workspace), expected={200, 404}
        )
        if status == 404 or not isinstance(told, dict):
            return None
        server = Server.parsed(handle, told)
        return server if server.is_ready or server.pending else None

    def servers(self) -> list[Server]:
        """All that run, or start, or stop."""
        _, told = self._call("GET", "/users?state=active&limit=200", expected={200})
        people = told if isinstance(told, list) else []
        return [
            Server.parsed(person["name"], server)
            for person in people
            for server in person["servers"].values()
        ]

    def delete_person(self, handle: str) -> None:
        """Ends what the person runs and all their tickets. Raises Busy."""
        for server in self.servers():
            if server.handle == handle:
                self.stop_server(handle, server.workspace)
        self._call("DELETE", f"/users/{quote(handle)}", expected={204, 404})

    def restore_routes(self) -> None:
        """To be called when the front door was restarted, and so forgot them."""
        self._call("POST", "/proxy", expected={200})

    async def progress(self, handle: str, workspace: str) -> AsyncIterator[Progress]:
        """What happens while a server starts; ends when it is ready or has failed.

        Raises NotRunning when it neither runs nor starts.
        """
        lines: asyncio.Queue[str | None] = asyncio.Queue()
        parts = _Lines(lines)
        fetching = asyncio.ensure_future(
            AsyncHTTPClient().fetch(
                f"{self._url}{_server(handle, workspace)}/progress",
                headers={**self._headers, "Accept": "text/event-stream"},
                streaming_callback=parts.feed,
                request_timeout=_LONGEST_START_SECONDS,
            )
        )
        fetching.add_done_callback(lambda _: lines.put_nowait(None))
        try:
            while (line := await lines.get()) is not None:
                if line.startswith(_PREFIX):
                    yield _progress(json.loads(line.removeprefix(_PREFIX)))
            await fetching
        except HTTPClientError as error:
            if error.code in {400, 404}:
                raise NotRunning from error
            raise HubUnreachable from error
        except OSError as error:
            raise HubUnreachable from error
        finally:
            fetching.cancel()

    def _call(
        self, method: str, path: str, *, expected: set[int]
    ) -> tuple[int, object]:
        address = urlsplit(self._url)
        connection = http.client.HTTPConnection(
            address.hostname or "", address.port, timeout=_SECONDS
        )
        try:
            connection.request(method, f"{address.path}{path}", headers=self._headers)
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise HubUnreachable from error
        finally:
            connection.close()
        if answer.status in expected:
            return answer.status, json.loads(body) if body else None
        raise Busy if answer.status == 400 else Unexpected(status=answer.status)


class _Lines:
    """Puts lines together from the pieces in which they arrive."""

    def __init__(self, lines: asyncio.Queue[str | None]) -> None:
        self._lines = lines
        self._rest = b""

    def feed(self, piece: bytes) -> None:
        *whole, self._rest = (self._rest + piece).split(b"\n")
        for line in whole:
            self._lines.put_nowait(line.decode())


def _server(handle: str, workspace: str) -> str:
    return f"/users/{quote(handle)}/servers/{quote(workspace)}"


def _progress(told: dict[str, object]) -> Progress:
    percent = told.get("progress", 0)
    return Progress(
        percent=int(percent) if isinstance(percent, int | float) else 0,
        message=str(told.get("message", "")).removeprefix(_FAILED),
        is_ready=told.get("ready") is True,
        has_failed=told.get("failed") is True,
    )


def _moment(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None
