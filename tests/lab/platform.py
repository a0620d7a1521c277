"""The session API's contract, spoken by a small HTTP server for tests of the lab alone.

It mints real credentials of the real store, so that what a session may do is decided
where it is decided in production. Whole journeys run against the platform itself.
"""

import datetime as dt
import json
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread, Timer
from urllib.parse import parse_qs, urlsplit

from mypy_boto3_sts.type_defs import CredentialsTypeDef
from tests.lab.store import Store

from hexa.backends.storage.gcs import GCS
from hexa.backends.storage.store import Grant

TOKEN = "hexa_test_token"
# What a session tells, without an answer that matters.
TOLD = {"activity/", "stop/", "restart/"}
# A key is given out only with so much of its life before it.
LEAST_LEFT = dt.timedelta(seconds=1)
LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


@dataclass
class Platform:
    """What it answers can be changed while it runs."""

    store: Store
    port: int = 0
    drives: dict[str, str] = field(default_factory=dict)  # bucket: read or write
    # Of drives at Google: bucket to access; the account is asked for tokens.
    google: dict[str, str] = field(default_factory=dict)
    google_store: GCS | None = None
    language: str = "en"
    token: str = TOKEN
    is_refusing: bool = False
    minting_refused: bool = False
    # What keys really allow, where that is to differ from the list of drives.
    minted: dict[str, str] = field(default_factory=dict)
    # All get one key for so long, which the store itself then refuses.
    key_life: dt.timedelta | None = None
    keys_made: int = 0
    asked: list[str] = field(default_factory=list)
    # What the session said last: since when it is idle, None while it works.
    idle_since: str | None = "never told"
    stops_at: str | None = None
    _server: ThreadingHTTPServer | None = None
    _key: dict[str, str] = field(default_factory=dict)
    _key_until: dt.datetime = LONG_AGO
    _ending: Timer | None = None
    _minting: Lock = field(default_factory=Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def reset(self) -> None:
        self.drives, self.google, self.language = {}, {}, "en"
        self.is_refusing = self.minting_refused = False
        self.stops_at = self.key_life = None
        if self._ending is not None:
            self._ending.join()
        self.minted.clear()
        if self._server is None:
            self.start()

    def start(self) -> None:
        platform = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self._answer()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                platform.asked.append(format % args)

            def _answer(self) -> None:
                token = self.headers.get("Authorization", "").removeprefix("Bearer ")
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length)
                if self.path == "/api/session/google/token/":
                    self._tell(*platform.exchange(body.decode()))
                    return
                told = json.loads(body or b"{}")
                if self.path == "/api/session/activity/":
                    platform.idle_since, platform.stops_at = told["idle_since"], None
                self._tell(*platform.answer(self.command, self.path, token))

            def _tell(self, status: int, body: object) -> None:
                payload = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]
        Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def answer(self, method: str, path: str, token: str) -> tuple[int, object]:
        if token != self.token or self.is_refusing:
            message = "You were removed from the workspace."
            return HTTPStatus.FORBIDDEN, _refusal("NOT_A_MEMBER", message)
        parts = urlsplit(path)
        match method, parts.path:
            case "GET", "/api/session/":
                return HTTPStatus.OK, self._session()
            case "GET", "/api/session/credentials/s3/":
                return self._credentials()
            case "GET", "/api/session/link/":
                query = parse_qs(parts.query)
                return self._link(query["address"][0], query["method"][0])
            case "POST", told if told.removeprefix("/api/session/") in TOLD:
                return HTTPStatus.ACCEPTED, {}
        return HTTPStatus.NOT_FOUND, _refusal("NOT_FOUND", path)

    def exchange(self, form: str) -> tuple[int, object]:
        """As RFC 8693: the session's token for one that Google gave."""
        asked = {name: value for name, (value,) in parse_qs(form).items()}
        bucket = asked["audience"].removeprefix("gs://")
        access = self.google.get(bucket)
        is_known = asked["subject_token"] == self.token and not self.is_refusing
        if not is_known or access is None or self.minting_refused:
            message = "Google gives no token at the moment."
            told = {"error": "invalid_grant", "error_description": message}
            return HTTPStatus.BAD_REQUEST, told
        assert self.google_store is not None
        really = self.minted.get(access, access) == "write"
        given = self.google_store.account.narrowed([Grant(bucket, really)])
        self.keys_made += 1
        return HTTPStatus.OK, {
            "access_token": given.value,
            "token_type": "Bearer",
            "expires_in": 280,
        }

    def _session(self) -> object:
        s3 = [
            {"name": f"s3:{name}", "provider": "s3", "bucket": name, "access": access}
            for name, access in self.drives.items()
        ]
        gcs = [
            {
                "name": f"gcs:{name}",
                "provider": "gcs",
                "bucket": name,
                "access": access,
                "endpoint": self.google_store.places.storage_url,
            }
            for name, access in self.google.items()
            if self.google_store
        ]
        return {
            "person": {"name": "Ana", "email": "ana@x.org", "language": self.language},
            "workspace": {
                "slug": "malaria-team",
                "name": "Malaria team",
                "url": f"{self.url}/workspaces/malaria-team/",
            },
            "store": {
                "endpoint": self.store.endpoint,
                "region": "us-east-1",
                "path_style": True,
            },
            "drives": [*s3, *gcs],
            "stop_warning": {"stops_at": self.stops_at} if self.stops_at else None,
            # So that tests do not wait for what people wait 15 s for.
            "checked_every_seconds": 0.2,
        }

    def _credentials(self) -> tuple[int, object]:
        if self.minting_refused:
            message = "The store mints no keys at the moment."
            return HTTPStatus.FORBIDDEN, _refusal("MINTING_FAILED", message)
        really = {
            name: self.minted.get(access, access)
            for name, access in self.drives.items()
        }
        if self.key_life is not None:
            return HTTPStatus.OK, self._short_lived(really, self.key_life)
        key = self.store.mint(really)
        return HTTPStatus.OK, _told(key, until=key["Expiration"])

    def _short_lived(self, drives: dict[str, str], life: dt.timedelta) -> object:
        with self._minting:
            now = dt.datetime.now(dt.UTC)
            if now > self._key_until - LEAST_LEFT:
                old = f"ana.{self.keys_made}"
                self.keys_made += 1
                self._key_until = now + life
                made = self.store.mint(drives, session=f"ana.{self.keys_made}")
                self._key = _told(made, until=self._key_until)
                # When nobody has the right any more to use the one before.
                wait = 1.2 * LEAST_LEFT.total_seconds()
                self._ending = Timer(wait, self.store.shut_out, [list(drives), old])
                self._ending.start()
            return self._key

    def _link(self, address: str, method: str) -> tuple[int, object]:
        bucket, _, key = address.removeprefix("s3://").partition("/")
        access = self.drives.get(bucket)
        if access is None or (method == "PUT" and access != "write"):
            message = f"You may not {method} {address}."
            return HTTPStatus.FORBIDDEN, _refusal("NOT_ALLOWED", message)
        url = self.store.link(bucket, key, method=method)
        expires_at = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=15)
        return HTTPStatus.OK, {"url": url, "expires_at": expires_at.isoformat()}


def _told(key: CredentialsTypeDef, *, until: dt.datetime) -> dict[str, str]:
    return {
        "AccessKeyId": key["AccessKeyId"],
        "SecretAccessKey": key["SecretAccessKey"],
        "Token": key["SessionToken"],
        "Expiration": until.isoformat().replace("+00:00", "Z"),
    }


def _refusal(code: str, message: str) -> dict[str, str]:
    return {"code": code, "message": message}
