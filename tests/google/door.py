"""What stands before fake-gcs-server: who may do what, and under which conditions."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl

from tests.google.shelves import Failed, Shelves
from tests.google.tokens import Refused, Token, Tokens


class Closing(Protocol):
    def close(self) -> None: ...


@dataclass
class Parts:
    bucket: str
    name: str
    kind: str
    stored: dict[int, bytes] = field(default_factory=dict)


@dataclass
class Google:
    """All of it; `url` is where it answers, in place of each of Google's hosts."""

    url: str
    shelves: Shelves
    tokens: Tokens = field(default_factory=Tokens)
    uploads: dict[str, Parts] = field(default_factory=dict)
    sessions: dict[str, tuple[str, str]] = field(default_factory=dict)
    # What was asked: method and path, of who came with a token and who with a signature.
    log: list[tuple[str, str]] = field(default_factory=list)
    is_down: bool = False
    # What tests opened, to be closed at the end.
    opened: list[Closing] = field(default_factory=list)

    @property
    def token_url(self) -> str:
        return f"{self.url}/token"

    @property
    def exchange_url(self) -> str:
        return f"{self.url}/v1/token"


@dataclass(frozen=True)
class Request:
    google: Google
    method: str
    path: str
    raw_query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def asked(self) -> dict[str, str]:
        return dict(parse_qsl(self.raw_query, keep_blank_values=True))

    def require(
        self, permission: str, bucket: str, name: str = "", listed: str = ""
    ) -> None:
        """Raises 401 or 403; asks for the payer where one is wanted."""
        may, who = self.who()
        if not may(permission, bucket, name, listed):
            kind = "object" if ".objects." in permission else "bucket"
            raise Failed(
                403,
                f"{who} does not have {permission} access to the Google Cloud Storage "
                f"{kind}. Permission '{permission}' denied on resource (or it may not "
                "exist).",
                "AccessDenied",
            )
        there = self.google.shelves.buckets.get(bucket)
        payer = self.asked.get("userProject") or self.headers.get("x-goog-user-project")
        if there and there.wants_payer and not payer:
            raise Failed(
                400,
                "Bucket is a requester pays bucket but no user project provided.",
                "UserProjectMissing",
            )

    def who(self) -> tuple[Callable[[str, str, str, str], bool], str]:
        if "X-Goog-Signature" in self.asked:
            account = self._signer()
            return lambda permission, bucket, *_: account.may(
                permission, bucket
            ), account.email
        token = self._token()
        return token.may, token.account.email

    def _token(self) -> Token:
        kind, _, value = self.headers.get("authorization", "").partition(" ")
        token = self.google.tokens.find(value) if kind == "Bearer" else None
        if token is None:
            raise Failed(401, "Invalid Credentials", "AuthenticationRequired")
        return token

    def _signer(self) -> Any:
        """As in Google's "V4 signing process"."""
        asked = self.asked
        email, _, scope = asked["X-Goog-Credential"].partition("/")
        account = self.google.tokens.accounts[email]
        query, _, signature = self.raw_query.rpartition("&X-Goog-Signature=")
        names = asked["X-Goog-SignedHeaders"].split(";")
        unsigned = {name for name in self.headers if name.startswith("x-goog-")} - {
            *names
        }
        lines = "".join(f"{name}:{self.headers.get(name, '')}\n" for name in names)
        ordered = "&".join(sorted(query.split("&")))
        request = (
            f"{self.method}\n{self.path}\n{ordered}\n{lines}\n{';'.join(names)}\n"
            "UNSIGNED-PAYLOAD"
        )
        digest = hashlib.sha256(request.encode()).hexdigest()
        text = f"{asked['X-Goog-Algorithm']}\n{asked['X-Goog-Date']}\n{scope}\n{digest}"
        made_at = time.mktime(time.strptime(asked["X-Goog-Date"], "%Y%m%dT%H%M%SZ"))
        age = time.mktime(time.gmtime()) - made_at
        is_hex = not set(signature) - set("0123456789abcdef")
        signed = bytes.fromhex(signature) if is_hex else b""
        if unsigned or not account.has_signed(text.encode(), signed):
            raise Failed(403, "Access denied.", "SignatureDoesNotMatch")
        if age > int(asked["X-Goog-Expires"]):
            raise Failed(400, "The provided token has expired.", "ExpiredToken")
        return account


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, told: Any, status: int = 200) -> "Answer":
        body = json.dumps(told).encode()
        return cls(status, body, {"Content-Type": "application/json"})


def token_answer(request: Request) -> Answer:
    form = dict(parse_qsl(request.body.decode()))
    tokens = request.google.tokens
    try:
        if request.path == "/token":
            return Answer.of(tokens.give(form))
        return Answer.of(tokens.exchange(form))
    except Refused as refused:
        told = {"error": refused.code, "error_description": refused.description}
        return Answer.of(told, 503 if tokens.is_exchange_down else 400)


def _rules(request: Request) -> list[Any]:
    bucket = request.path.lstrip("/").partition("/")[0]
    there = request.google.shelves.buckets.get(bucket)
    return there.about.get("cors", []) if there else []


def allowed(request: Request) -> dict[str, str]:
    origin = request.headers.get("origin", "")
    for rule in _rules(request):
        if origin in rule["origin"]:
            return {
                "Access-Control-Allow-Origin": origin,
                "Access-Control-Expose-Headers": ", ".join(rule["responseHeader"]),
            }
    return {}


def preflight(request: Request) -> Answer:
    if not allowed(request):
        return Answer(403)
    (rule,) = [
        one for one in _rules(request) if request.headers["origin"] in one["origin"]
    ]
    wanted = request.headers.get("access-control-request-headers", "").split(",")
    known = {name.lower() for name in rule["responseHeader"]}
    if any(name and name.strip().lower() not in known for name in wanted):
        return Answer(403)
    return Answer(
        200,
        headers={
            "Access-Control-Allow-Methods": ", ".join(rule["method"]),
            "Access-Control-Allow-Headers": ", ".join(rule["responseHeader"]),
        },
    )
