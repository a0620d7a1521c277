"""A Google service account, known by its key.

The key never leaves the platform. What leaves are access tokens for exactly some
buckets (a Credential Access Boundary), which Google ends after an hour.
"""

import datetime as dt
import json
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

import httpx
from google.auth import transport
from google.auth.downscoped import (
    AccessBoundaryRule,
    AvailabilityCondition,
    CredentialAccessBoundary,
)
from google.auth.exceptions import GoogleAuthError, OAuthError, TransportError
from google.oauth2 import service_account, sts

from hexa.backends.storage import errors
from hexa.backends.storage.google.failures import said_of_key
from hexa.backends.storage.store import Grant

# Below this a token is asked for anew: the longest a request may take, and some.
_MARGIN = dt.timedelta(minutes=5)
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105
#: Google's most; each drive takes one.
MOST_RULES = 10
_ROLES = {False: "storage.objectViewer", True: "storage.objectUser"}
_NEEDED = ("client_email", "private_key", "private_key_id", "project_id")
_EMAIL = re.compile(r"[\w.+-]+@[\w.-]+\.gserviceaccount\.com")


@dataclass(frozen=True, slots=True)
class Places:
    """Where Google's services answer; others than Google's own in tests only.

    A key names a `token_uri` of its own. It is not followed: whoever pastes a key must
    not choose where the platform sends requests.
    """

    storage_url: str = "https://storage.googleapis.com"
    token_url: str = "https://oauth2.googleapis.com/token"  # noqa: S105
    exchange_url: str = "https://sts.googleapis.com/v1/token"


@dataclass(frozen=True, slots=True)
class Token:
    value: str = field(repr=False)
    expires_at: dt.datetime


class Account:
    """Raises NoServiceAccountKey for anything but the JSON of such a key."""

    def __init__(self, key: str, places: Places) -> None:
        self._facts = _parsed(key)
        self._places = places
        self._lock = threading.Lock()
        self._request = _Request()
        try:
            self._credentials: Any = (
                service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call] # google-auth is typed in parts
                    {**self._facts, "token_uri": places.token_url}, scopes=[_SCOPE]
                )
            )
        except (GoogleAuthError, ValueError) as error:
            raise errors.NoServiceAccountKey from error

    @property
    def email(self) -> str:
        return self._facts["client_email"]

    @property
    def key_id(self) -> str:
        return self._facts["private_key_id"]

    @property
    def project(self) -> str:
        return self._facts["project_id"]

    def token(self) -> Token:
        """For all that the account may do: it stays on the platform.

        Raises KeyRefused, ClockSkewed or StoreOutage.
        """
        with self._lock:
            now = dt.datetime.now(dt.UTC)
            if self._credentials.token is None or self._ends_at - now < _MARGIN:
                with _Said():
                    self._credentials.refresh(self._request)
            return Token(self._credentials.token, self._ends_at)

    def narrowed(self, grants: Sequence[Grant]) -> Token:
        """For exactly these grants, at most MOST_RULES of them. Raises as `token`."""
        if not grants:
            raise errors.RefusedByStore
        boundary: Any = CredentialAccessBoundary(  # type: ignore[no-untyped-call]
            rules=[_rule(grant) for grant in grants]
        )
        whole = self.token()
        with _Said():
            answer = self._exchanger.exchange_token(
                request=self._request,
                grant_type=_EXCHANGE,
                subject_token=whole.value,
                subject_token_type=_ACCESS_TOKEN,
                requested_token_type=_ACCESS_TOKEN,
                additional_options=boundary.to_json(),
            )
        # Google says how long only where it is less than the token it came from.
        ends_at = whole.expires_at
        if "expires_in" in answer:
            life = dt.timedelta(seconds=int(answer["expires_in"]))
            ends_at = min(ends_at, dt.datetime.now(dt.UTC) + life)
        return Token(answer["access_token"], ends_at)

    def close(self) -> None:
        self._request.close()

    def signature(self, message: bytes) -> bytes:
        """RSA with SHA-256, by the account's key."""
        return cast("bytes", self._credentials.sign_bytes(message))

    @cached_property
    def _exchanger(self) -> Any:
        return sts.Client(self._places.exchange_url)  # type: ignore[no-untyped-call]

    @property
    def _ends_at(self) -> dt.datetime:
        ends_at: dt.datetime = self._credentials.expiry
        return ends_at.replace(tzinfo=dt.UTC)


def _parsed(key: str) -> dict[str, str]:
    try:
        facts = json.loads(key)
    except ValueError as error:
        raise errors.NoServiceAccountKey from error
    is_key = (
        isinstance(facts, dict)
        and facts.get("type") == "service_account"
        and all(isinstance(facts.get(name), str) for name in _NEEDED)
        and _EMAIL.fullmatch(facts["client_email"])
    )
    if not is_key:
        raise errors.NoServiceAccountKey
    return {name: facts[name] for name in _NEEDED}


def _rule(grant: Grant) -> Any:
    condition = None
    if grant.prefix:
        condition = AvailabilityCondition(condition_of(grant))  # type: ignore[no-untyped-call]
    return AccessBoundaryRule(  # type: ignore[no-untyped-call]
        available_resource=f"//storage.googleapis.com/projects/_/buckets/{grant.bucket}",
        available_permissions=[f"inRole:roles/{_ROLES[grant.write]}"],
        availability_condition=condition,
    )


def condition_of(grant: Grant) -> str:
    """In Google's expression language: objects below the prefix, and lists of them."""
    objects = _quoted(f"projects/_/buckets/{grant.bucket}/objects/{grant.prefix}")
    listed = "api.getAttribute('storage.googleapis.com/objectListPrefix', '')"
    return (
        f"resource.name.startsWith({objects})"
        f" || {listed}.startsWith({_quoted(grant.prefix)})"
    )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


class _Said:
    """Turns what google-auth raises into our refusals."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        if isinstance(error, TransportError):
            raise errors.StoreOutage from error
        if isinstance(error, OAuthError | GoogleAuthError):
            raise said_of_key(error) from error


class _Answer(transport.Response):
    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer

    @property
    def status(self) -> int:
        return self._answer.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        return self._answer.headers

    @property
    def data(self) -> bytes:
        return self._answer.content


class _Request(transport.Request):
    """What google-auth sends by."""

    def __init__(self) -> None:
        self._http = httpx.Client(timeout=httpx.Timeout(10, connect=3))

    def close(self) -> None:
        self._http.close()

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002 # ours is shorter than any given
        **_: object,
    ) -> _Answer:
        try:
            return _Answer(
                self._http.request(method, url, content=body, headers=headers)
            )
        except httpx.HTTPError as error:
            raise TransportError(str(error)) from error  # type: ignore[no-untyped-call]
