"""Requests to Google Cloud Storage: its JSON API, and its XML API for parts.

Source: Google's "JSON API reference" and "XML API reference" of Cloud Storage.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal
from urllib.parse import quote

import httpx

from hexa.backends.storage import errors
from hexa.backends.storage.google.account import Account, Places
from hexa.backends.storage.google.failures import is_passing, refusal_of
from hexa.foundation.errors import Refusal

Keeping = Literal["versions", "soft", "nothing"]

_ATTEMPTS = 3
_PAUSE_SECONDS = 0.2
_LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=16)
_FACTS = "name,size,updated,generation,contentType,timeDeleted,softDeleteTime"


@dataclass(frozen=True)
class Calls:
    """`key` is the JSON of a service account's key.

    `user_project` is billed where the bucket's owner does not pay for requests;
    `origin` is that of the platform's pages.
    """

    key: str = field(repr=False)
    origin: str = ""
    user_project: str = ""
    places: Places = field(default_factory=Places)
    # Of each bucket what becomes of the overwritten, and when that was looked up.
    _kept: dict[str, tuple[Keeping, float]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def account(self) -> Account:
        return Account(self.key, self.places)

    def close(self) -> None:
        """Lets its connections go."""
        made = vars(self)
        if "_http" in made:
            self._http.close()
        if "account" in made:
            self.account.close()

    @cached_property
    def _http(self) -> httpx.Client:
        return httpx.Client(
            timeout=httpx.Timeout(60, connect=3),
            limits=_LIMITS,
            # Stored bytes as they are: Google unpacks gzip for who does not say so.
            headers={"Accept-Encoding": "gzip"},
        )

    # --- JSON

    def _ask(
        self,
        method: str,
        path: str,
        *,
        absent: type[Refusal] = errors.ObjectNotFound,
        is_repeatable: bool = True,
        **request: Any,
    ) -> Any:
        """The answer's JSON; None where it has none. `params` of None are left out."""
        url = f"{self.places.storage_url}/storage/v1/{path}"
        answer = self._send(
            method, url, absent=absent, is_repeatable=is_repeatable, **request
        )
        return answer.json() if answer.content else None

    def _facts(self, bucket: str, key: str, **params: Any) -> Any:
        return self._ask("GET", object_path(bucket, key), params=_asked(params))

    def _list(self, bucket: str, **params: Any) -> Any:
        fields = f"items({_FACTS}),prefixes,nextPageToken"
        return self._ask(
            "GET",
            f"b/{quote(bucket, safe='')}/o",
            absent=errors.BucketNotFound,
            params={"fields": fields, **params},
        )

    # --- Sending

    def _send(
        self,
        method: str,
        url: str,
        *,
        absent: type[Refusal] = errors.ObjectNotFound,
        is_repeatable: bool = True,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        **request: Any,
    ) -> httpx.Response:
        for attempt in range(1, _ATTEMPTS + 1):
            is_last = attempt == _ATTEMPTS or not is_repeatable
            try:
                answer = self._http.request(
                    method,
                    # Asked for by `params`, httpx would drop a query that is there.
                    httpx.URL(url).copy_merge_params(self._billed(params)),
                    headers={**(headers or {}), **self._signed()},
                    **request,
                )
            except httpx.HTTPError as error:
                if is_last:
                    raise errors.StoreOutage from error
            else:
                if answer.status_code < 400:
                    return answer
                if is_last or not is_passing(answer.status_code):
                    raise refusal_of(answer, absent)
            time.sleep(_PAUSE_SECONDS * 2**attempt)
        raise AssertionError("the last attempt returns or raises")

    @contextmanager
    def _opened(
        self, url: str, *, params: Mapping[str, Any], headers: Mapping[str, str]
    ) -> Iterator[httpx.Response]:
        """An answer whose body is still to be read, as it is stored."""
        signed = {**headers, **self._signed()}
        try:
            with self._http.stream(
                "GET", url, params=self._billed(params), headers=signed
            ) as answer:
                if answer.status_code >= 400 or answer.status_code == 304:
                    answer.read()
                    raise refusal_of(answer)
                yield answer
        except httpx.HTTPError as error:
            raise errors.StoreOutage from error

    def _signed(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.account.token().value}"}

    def _billed(self, params: Mapping[str, Any] | None) -> dict[str, Any]:
        billed = {"userProject": self.user_project} if self.user_project else {}
        return {**_asked(params or {}), **billed}


def object_path(bucket: str, key: str) -> str:
    return f"b/{quote(bucket, safe='')}/o/{quote(key, safe='')}"


@contextmanager
def said_of_the_target(replacing: str | None) -> Iterator[None]:
    """Where the only condition was that nothing is there, says that something was."""
    try:
        yield
    except errors.ObjectChanged as error:
        if replacing is None:
            raise errors.ObjectExists from error
        raise


def generation_of(etag: str) -> int:
    """Our etags of Google's objects are generations; for any other, one nothing has."""
    is_generation = etag.isascii() and etag.isdigit() and len(etag) < 20
    return int(etag) if is_generation and int(etag) else 1


def _asked(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value not in {None, ""}}
