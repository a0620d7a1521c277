"""Drives at Google: access tokens from the platform, and empty folders.

Google's own library exchanges the session's token for an access token by what
GOOGLE_APPLICATION_CREDENTIALS names. obstore has no such exchange: it is made here, for
each bucket by its name, since buckets may have different accounts.
"""

import asyncio
import datetime as dt
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx

from hexa_lab.refusals import NoCredentials, NotAllowed, PlatformDown, StoreDown
from hexa_lab.session import SessionClient, Token

if TYPE_CHECKING:
    from obstore.store import GCSCredential  # exists for type checkers only

_PATIENCE_S = 10.0
_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105
# As early as Google's own library.
_MARGIN = dt.timedelta(seconds=225)


@dataclass(frozen=True, slots=True)
class _Given:
    token: str = field(repr=False)
    expires_at: dt.datetime
    renew_at: dt.datetime
    generation: int


class GoogleTokens:
    """Asks anew when a token nears its end, and at once when the drives changed."""

    def __init__(self, url: str, token: Token, session: SessionClient) -> None:
        self._url = url
        self._token = token
        self._session = session
        self._http = httpx.AsyncClient(timeout=_PATIENCE_S, trust_env=False)
        self._lock = asyncio.Lock()
        self._given: dict[str, _Given] = {}

    async def current(self, bucket: str) -> "GCSCredential":
        """Raises NoCredentials when the platform gives none, PlatformDown."""
        async with self._lock:
            given = self._given.get(bucket)
            now = dt.datetime.now(dt.UTC)
            is_same = given and given.generation == self._session.generation
            if given is None or not is_same or now >= given.renew_at:
                given = self._given[bucket] = await self._exchange(bucket, now)
            return {"token": given.token, "expires_at": given.expires_at}

    async def close(self) -> None:
        await self._http.aclose()

    async def _exchange(self, bucket: str, now: dt.datetime) -> _Given:
        generation = self._session.generation
        form = {
            "grant_type": _EXCHANGE,
            "audience": f"gs://{bucket}",
            "requested_token_type": _ACCESS_TOKEN,
            "subject_token": self._token.value(),
            "subject_token_type": _ACCESS_TOKEN,
        }
        try:
            answer = await self._http.post(self._url, data=form)
        except httpx.HTTPError as error:
            raise PlatformDown from error
        if HTTPStatus.BAD_REQUEST <= answer.status_code < HTTPStatus.NOT_FOUND:
            raise NoCredentials(message=_why(answer))
        try:
            answer.raise_for_status()
            told = answer.json()
            life = dt.timedelta(seconds=float(told["expires_in"]))
            token = str(told["access_token"])
        except (httpx.HTTPError, KeyError, TypeError, ValueError) as error:
            raise PlatformDown from error
        return _Given(
            token, now + life, now + max(life - _MARGIN, life / 5), generation
        )


class GoogleMarkers:
    """Empty folders of one bucket, as Google's own console makes them: an empty object.

    obstore drops the "/" at the end of their names.
    """

    def __init__(
        self, base: str, bucket: str, tokens: GoogleTokens, *, payer: str = ""
    ) -> None:
        self._base = base
        self._bucket = bucket
        self._tokens = tokens
        self._payer = {"x-goog-user-project": payer} if payer else {}

    async def make(self, folder: str) -> None:
        await self._send("PUT", folder)

    async def delete(self, folder: str) -> None:
        await self._send("DELETE", folder)

    async def _send(self, method: str, folder: str) -> None:
        given = await self._tokens.current(self._bucket)
        url = f"{self._base}{quote(folder.strip('/'), safe='/~')}/"
        headers = {"Authorization": f"Bearer {given['token']}", **self._payer}
        try:
            async with httpx.AsyncClient(timeout=10, trust_env=False) as http:
                answer = await http.request(method, url, headers=headers)
        except httpx.HTTPError as error:
            raise StoreDown from error
        if answer.status_code == HTTPStatus.FORBIDDEN:
            raise NotAllowed(path=folder)
        if answer.is_error and answer.status_code != HTTPStatus.NOT_FOUND:
            raise StoreDown


def _why(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["error_description"])
    except (KeyError, TypeError, ValueError):
        return answer.reason_phrase
