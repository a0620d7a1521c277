"""Keys of the store for this session, as the platform mints them (≤ 1 h)."""

import asyncio
import datetime as dt
from dataclasses import dataclass, field
from http import HTTPStatus

import httpx

from hexa_lab.refusals import NoCredentials, PlatformDown
from hexa_lab.session import SessionClient, Token, message_of

_PATIENCE_S = 10.0
# As early as AWS's own clients.
_MARGIN = dt.timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Credentials:
    id: str
    secret: str = field(repr=False)
    token: str | None = field(repr=False)
    expires_at: dt.datetime


class CredentialSource:
    """Fetches keys when they near their end, and at once when the drives changed."""

    def __init__(self, url: str, token: Token, session: SessionClient) -> None:
        self._url = url
        self._token = token
        self._session = session
        self._http = httpx.AsyncClient(timeout=_PATIENCE_S, trust_env=False)
        self._lock = asyncio.Lock()
        self._kept: Credentials | None = None
        self._renew_at = dt.datetime.min.replace(tzinfo=dt.UTC)
        self._generation = -1

    async def current(self) -> Credentials:
        """Raises NoCredentials when the platform mints none, PlatformDown."""
        async with self._lock:
            now = dt.datetime.now(dt.UTC)
            is_same = self._generation == self._session.generation
            if self._kept is None or not is_same or now >= self._renew_at:
                generation = self._session.generation
                self._kept = await self._fetch()
                self._generation = generation
                life = self._kept.expires_at - now
                # Short lives, as in tests, are renewed at half-time.
                self._renew_at = self._kept.expires_at - min(_MARGIN, life / 2)
            return self._kept

    async def close(self) -> None:
        await self._http.aclose()

    async def _fetch(self) -> Credentials:
        try:
            answer = await self._http.get(self._url, headers=self._token.headers())
        except httpx.HTTPError as error:
            raise PlatformDown from error
        if answer.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            raise NoCredentials(message=message_of(answer))
        try:
            answer.raise_for_status()
            raw = answer.json()
            return Credentials(
                id=raw["AccessKeyId"],
                secret=raw["SecretAccessKey"],
                token=raw.get("Token"),
                expires_at=dt.datetime.fromisoformat(raw["Expiration"]),
            )
        except (httpx.HTTPError, KeyError, TypeError, ValueError) as error:
            raise PlatformDown from error
