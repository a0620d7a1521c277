"""The session as the platform knows it: who, in which workspace, with which drives.

The platform is asked again after at most `checked_every_seconds`. While it does not
answer, the last list of drives stays visible, but after GRACE no drive is opened: access
that cannot be confirmed is no access.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from typing import Literal, Self, cast

import httpx

from hexa_lab.refusals import NoSuchDrive, PlatformDown, SessionOver

CHECKED_EVERY_S = 15.0
# With the check every 15 s, a removal takes effect in less than 60 s in any case.
GRACE_S = 40.0
_RETRY_S = 3.0
_PATIENCE_S = 4.0


@dataclass(frozen=True, slots=True)
class Drive:
    """`prefix` is the folder of the bucket that is shown, empty or ending in "/".

    `endpoint` is where it is reached, if not where the session's store is.
    """

    name: str
    provider: Literal["s3", "gcs"]
    bucket: str
    access: Literal["read", "write"]
    # Of buckets kept elsewhere: where they answer, and who is billed, if not the owner.
    endpoint: str = ""
    payer: str = ""
    # Keys are relative to it; empty, or ends in "/".
    prefix: str = ""

    @classmethod
    def read(cls, raw: Mapping[str, str]) -> Self:
        return cls(
            name=raw["name"],
            provider="gcs" if raw["provider"] == "gcs" else "s3",
            bucket=raw["bucket"],
            access="write" if raw["access"] == "write" else "read",
            endpoint=raw.get("endpoint", ""),
            payer=raw.get("payer", ""),
            prefix=raw.get("prefix", ""),
        )


@dataclass(frozen=True, slots=True)
class Session:
    """`notices` is what the platform wants Lab to say, passed on as it came."""

    language: str = "en"
    workspace: Mapping[str, str] = field(default_factory=dict)
    endpoint: str | None = None
    region: str = "us-east-1"
    drives: tuple[Drive, ...] = ()
    checked_every_s: float = CHECKED_EVERY_S
    notices: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def read(cls, raw: Mapping[str, object]) -> Self:
        """Raises KeyError, TypeError or ValueError when the answer is another's."""
        person = cast("Mapping[str, str]", raw["person"])
        store = cast("Mapping[str, str]", raw.get("store") or {})
        drives = cast("list[Mapping[str, str]]", raw["drives"])
        every = cast("float", raw.get("checked_every_seconds", CHECKED_EVERY_S))
        notices = {name: raw.get(name) for name in ("stop_warning", "last_kill")}
        return cls(
            language=person.get("language") or "en",
            workspace=cast("Mapping[str, str]", raw["workspace"]),
            endpoint=store.get("endpoint"),
            region=store.get("region") or "us-east-1",
            drives=tuple(Drive.read(drive) for drive in drives),
            # Never rarer than agreed, whatever the platform says.
            checked_every_s=min(float(every), CHECKED_EVERY_S),
            notices=notices,
        )


class Token:
    """The session's token, read from its file each time: the platform may replace it."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def value(self) -> str:
        """Raises PlatformDown when the file is missing."""
        try:
            return self._file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise PlatformDown from error

    def headers(self) -> dict[str, str]:
        """Raises PlatformDown when the file is missing."""
        return {"Authorization": f"Bearer {self.value()}"}


class SessionClient:
    """Asks the platform. `generation` grows whenever the drives are others than before."""

    def __init__(self, url: str, token: Token, *, language: str = "en") -> None:
        self._url = url.rstrip("/") + "/"
        self._token = token
        # The platform is on this machine or named outright: no proxy in between.
        self._http = httpx.AsyncClient(timeout=_PATIENCE_S, trust_env=False)
        self._lock = asyncio.Lock()
        self._last = Session(language=language)
        self._refused: SessionOver | None = None
        self._confirmed_at = float("-inf")
        self._tried_at = float("-inf")
        self.generation = 0

    @property
    def last(self) -> Session:
        """What is known, however old."""
        return self._last

    @property
    def language(self) -> str:
        return self._last.language

    async def shown(self) -> Session:
        """For display: the newest there is, the last one during an outage."""
        try:
            return await self.confirmed()
        except (PlatformDown, SessionOver):
            return self._last

    async def confirmed(self) -> Session:
        """Raises SessionOver, or PlatformDown when unconfirmed for too long."""
        async with self._lock:
            if self._is_due():
                await self._ask()
        if self._refused:
            raise self._refused
        if time.monotonic() - self._confirmed_at > GRACE_S:
            raise PlatformDown
        return self._last

    async def drive(self, name: str) -> Drive:
        """Raises NoSuchDrive, SessionOver, PlatformDown."""
        session = await self.confirmed()
        for drive in session.drives:
            if drive.name == name:
                return drive
        raise NoSuchDrive(drive=name)

    async def post(self, verb: Literal["stop", "restart"]) -> None:
        """Raises PlatformDown, SessionOver."""
        await self._tell(f"{verb}/", None)

    async def report(self, *, idle_since: str | None) -> None:
        """Raises PlatformDown, SessionOver."""
        await self._tell("activity/", {"idle_since": idle_since})

    async def refresh(self) -> None:
        """Ask now, however new the last answer is."""
        async with self._lock:
            await self._ask()

    async def close(self) -> None:
        await self._http.aclose()

    def _is_due(self) -> bool:
        now = time.monotonic()
        is_old = now - self._confirmed_at >= self._last.checked_every_s
        return is_old and now - self._tried_at >= min(
            _RETRY_S, self._last.checked_every_s
        )

    async def _ask(self) -> None:
        self._tried_at = time.monotonic()
        try:
            answer = await self._request("GET", "")
            if answer.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
                self._refused = SessionOver(message=message_of(answer))
                self._learn(replace(self._last, drives=()))
                return
            answer.raise_for_status()
            session = Session.read(answer.json())
        except (PlatformDown, httpx.HTTPError, KeyError, TypeError, ValueError):
            # Not an answer of the platform; `confirmed` decides how long that is
            # bearable.
            return
        self._refused = None
        self._confirmed_at = time.monotonic()
        self._learn(session)

    def _learn(self, session: Session) -> None:
        if (
            session.drives != self._last.drives
            or session.endpoint != self._last.endpoint
        ):
            self.generation += 1
        self._last = session

    async def _tell(self, path: str, body: Mapping[str, object] | None) -> None:
        answer = await self._request("POST", path, body)
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise PlatformDown
        if answer.is_error:
            raise SessionOver(message=message_of(answer))

    async def _request(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> httpx.Response:
        headers = self._token.headers()
        try:
            return await self._http.request(
                method, self._url + path, headers=headers, json=body
            )
        except httpx.HTTPError as error:
            raise PlatformDown from error


def message_of(answer: httpx.Response) -> str:
    """What the platform says about its refusal."""
    try:
        return str(answer.json()["message"])
    except (KeyError, TypeError, ValueError):
        return answer.reason_phrase
