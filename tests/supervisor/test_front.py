"""The front door between two real servers that tell what reached them."""

import contextlib
import http.client
import json
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from hexa.site.supervisor.components.front import BUNDLE, node
from tests.ports import free_port

TOKEN = "token-of-the-proxy"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def seen(self) -> dict[str, str]:
        """The headers that the server behind the front door got."""
        found: dict[str, str] = json.loads(self.body)["headers"]
        return found

    @property
    def path(self) -> str:
        return str(json.loads(self.body)["path"])


class Teller(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.endswith("/breaks-off"):
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"the beginning")
            self.close_connection = True
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = json.dumps({"path": self.path, "headers": headers}).encode()
        upgrades = headers.get("upgrade") == "websocket"
        self.send_response(101 if upgrades else 200)
        if upgrades:
            self.send_header("Connection", "Upgrade")
            self.send_header("Upgrade", "websocket")
        self.send_header("Set-Cookie", "hexa_session=forged; Path=/")
        self.send_header("Set-Cookie", "own=1; Path=/notebooks/user/")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = upgrades

    def do_PUT(self) -> None:
        """Dies in the middle."""
        self.rfile.read(2**20)
        # With this, closing is a reset, as of a process that was killed.
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()
        self.close_connection = True

    def finish(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            super().finish()

    def log_message(self, *_: object) -> None:
        pass


@dataclass
class Door:
    port: int
    api_port: int
    backend_port: int
    dead_port: int = field(default_factory=free_port)

    def get(self, path: str, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", path, headers=named)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        shown = ", ".join(response.headers.get_all("set-cookie") or [])
        found = {**dict(response.headers.items()), "set-cookie": shown}
        return Answer(response.status, {k.lower(): v for k, v in found.items()}, body)

    def add_route(self, path: str, port: int, *, token: str = TOKEN) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.api_port, timeout=10)
        target = json.dumps({"target": f"http://127.0.0.1:{port}"})
        authorization = {"Authorization": f"token {token}"}
        connection.request("POST", f"/api/routes{path}", target, authorization)
        status = connection.getresponse().status
        connection.close()
        return status


@pytest.fixture(scope="module")
def backend() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Teller)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module", params=[False, True], ids=["open", "behind a proxy"])
def door(request: pytest.FixtureRequest, backend: int) -> Iterator[Door]:
    with opened(backend, with_proxy=request.param) as door:
        assert door.add_route("/notebooks/user/ada/malaria", backend) == 201
        assert door.add_route("/notebooks", backend) == 201
        assert door.add_route("/notebooks/user/bob/malaria", door.dead_port) == 201
        yield door


@contextlib.contextmanager
def opened(backend: int, *, with_proxy: bool = False) -> Iterator[Door]:
    """A front door before a server that is web and store in one."""
    door = Door(free_port(), free_port(), backend)
    settings = {
        "address": "127.0.0.1",
        "port": door.port,
        "api_port": door.api_port,
        "web": f"http://127.0.0.1:{backend}",
        "store": f"http://127.0.0.1:{backend}",
        "scheme": "http",
        "trusted_proxy": with_proxy,
        "status_socket": "/nowhere/status.sock",
        "log_level": "error",
    }
    process = subprocess.Popen(
        [node(), BUNDLE],
        env={"FRONT_SETTINGS": json.dumps(settings), "CONFIGPROXY_AUTH_TOKEN": TOKEN},
        cwd=Path("/"),
    )
    try:
        _wait_for(door.port)
        yield door
    finally:
        process.terminate()
        assert process.wait(timeout=5) == 0


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        else:
            return


COOKIES = "hexa_session=secret; own=1; hexa_csrf=secret; hexa_language=fr"


def test_pages_get_the_session(door: Door) -> None:
    assert door.get("/", cookie=COOKIES).seen["cookie"] == COOKIES


@pytest.mark.parametrize(
    "path",
    [
        "/notebooks/user/ada/malaria/lab",
        "/%6eotebooks/user/ada/malaria/lab",
        "/notebooks/user/nobody/here/",
        "/notebooks/hub/home",
    ],
)
def test_notebooks_never_get_the_session(door: Door, path: str) -> None:
    seen = door.get(path, cookie=COOKIES).seen
    assert seen["cookie"] == "own=1; hexa_language=fr"


VISIT = "text/html,application/xhtml+xml,*/*;q=0.8"
PAGE = "/workspaces/malaria/notebooks/"


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        (
            "/notebooks/user/nobody/malaria/lab/tree/s3:x/a%20b%25.csv?reset",
            f"{PAGE}?next=%2Fnotebooks%2Fuser%2Fnobody%2Fmalaria%2Flab%2Ftree%2Fs3%3Ax%2Fa%2520b%2525.csv%3Freset",
        ),
        (
            "/notebooks/hub/user/ada/malaria/lab",
            f"{PAGE}?next=%2Fnotebooks%2Fhub%2Fuser%2Fada%2Fmalaria%2Flab",
        ),
        ("/notebooks/user/nobody/malaria/", PAGE),
        ("/notebooks/user/nobody/malaria/files/a", PAGE),
        ("/notebooks/hub/spawn/ada/malaria?next=x", PAGE),
        ("/notebooks/hub/spawn-pending/ada", "/"),
        ("/notebooks/hub/user/ada/%0d%0aX:1/lab", "/"),
        ("/notebooks/hub/home", "/"),
        ("/notebooks/hub/token", "/"),
        ("/notebooks/hub/", "/"),
        ("/notebooks", "/"),
    ],
)
def test_pages_of_the_hub_give_way_to_ours(
    door: Door, path: str, leads_to: str
) -> None:
    visit = door.get(path, accept=VISIT)
    assert (visit.status, visit.headers.get("location")) == (302, leads_to)
    assert door.get(path, accept="*/*").status == 200, "programs are told the truth"


@pytest.mark.parametrize(
    "path",
    [
        "/notebooks/user/ada/malaria/lab",
        "/notebooks/hub/login?next=/home",
        "/notebooks/hub/oauth_callback?code=1",
        "/notebooks/hub/api/oauth2/authorize?client_id=1",
        "/notebooks/hub/logout",
    ],
)
def test_signing_in_and_out_by_the_hub_stays(door: Door, path: str) -> None:
    assert door.get(path, accept=VISIT).status == 200


def test_websockets_of_notebooks_never_get_the_session(door: Door) -> None:
    request = (
        "GET /notebooks/user/ada/malaria/api/kernels/1/channels HTTP/1.1\r\n"
        f"Host: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Cookie: {COOKIES}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", door.port), timeout=10) as channel:
        channel.sendall(request.encode())
        with channel.makefile("rb") as stream:
            answer = stream.read()
    assert b" 101 " in answer.splitlines()[0]
    assert b"own=1" in answer
    assert b"secret" not in answer


def test_notebooks_cannot_set_the_session(door: Door) -> None:
    from_server = door.get("/notebooks/user/ada/malaria/lab").headers["set-cookie"]
    assert "own=1" in from_server
    assert "forged" not in from_server
    assert "forged" in door.get("/").headers["set-cookie"]


def test_the_store_loses_its_prefix_and_keeps_its_name(door: Door) -> None:
    answer = door.get(
        "/store/bucket/a%20b%2Fc.csv?X-Amz-Date=1", host="data.example.org"
    )
    assert answer.path == "/bucket/a%20b%2Fc.csv?X-Amz-Date=1"
    assert answer.seen["host"] == "data.example.org"
    assert answer.seen["x-forwarded-prefix"] == "/store"
    assert "cookie" not in door.get("/store/bucket/a", cookie=COOKIES).seen


def test_an_answer_that_breaks_off_does_so_for_the_browser_too(door: Door) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=10)
    connection.request("GET", "/breaks-off")
    response = connection.getresponse()
    # An error at once, rather than a wait without end.
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        response.read()
    connection.close()


def test_who_sends_to_what_died_in_the_middle_is_told(door: Door) -> None:
    # Several: whether what is left was taken had been a matter of luck.
    for _ in range(8):
        made = http.client.HTTPConnection("127.0.0.1", door.port, timeout=10)
        with contextlib.closing(made) as connection:
            # Browsers read an answer only once they have sent all.
            connection.request("PUT", "/store/bucket/large", bytes(32 * 2**20))
            assert connection.getresponse().status == 503


def test_what_people_store_never_acts_on_our_pages(door: Door) -> None:
    headers = door.get("/store/bucket/page.html").headers
    assert headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("waits", [0, 0.02, 0.2])
def test_a_websocket_that_is_reset_ends_nothing_else(door: Door, waits: float) -> None:
    """The fixture proves at its end that the process is the one that was started."""
    asked = (
        "GET /notebooks/user/ada/malaria/api/kernels HTTP/1.1\r\nHost: x\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    )
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", door.port), timeout=5) as client:
            client.sendall(asked.encode())
            time.sleep(waits)
            # On closing, the kernel sends RST instead of FIN.
            linger = struct.pack("ii", 1, 0)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    assert door.get("/").status == 200


@pytest.mark.parametrize(
    "path", ["//evil/notebooks/user/ada/malaria", "/%73tore/bucket/a", "/%zz"]
)
def test_ambiguous_addresses_are_refused(door: Door, path: str) -> None:
    assert door.get(path).status == 400


CLAIMS = {
    "x_forwarded_for": "6.6.6.6",
    "x_forwarded_host": "evil.example.org",
    "x_forwarded_proto": "https",
    "x_forwarded_prefix": "/evil",
    "x_real_ip": "6.6.6.6",
    "forwarded": "for=6.6.6.6",
}


@pytest.mark.parametrize("door", [False], ids=["open"], indirect=True)
def test_claims_of_a_client_are_not_believed(door: Door) -> None:
    seen = door.get("/", host="data.example.org", **CLAIMS).seen
    assert seen["x-forwarded-for"] == "127.0.0.1"
    assert seen["x-forwarded-host"] == "data.example.org"
    assert seen["x-forwarded-proto"] == "http"
    assert not {"x-forwarded-prefix", "x-real-ip", "forwarded"} & set(seen)


@pytest.mark.parametrize("door", [True], ids=["behind a proxy"], indirect=True)
def test_claims_of_a_trusted_proxy_are_kept(door: Door) -> None:
    seen = door.get("/", host="inner", **CLAIMS).seen
    assert seen["x-forwarded-for"] == "6.6.6.6, 127.0.0.1"
    assert seen["x-forwarded-host"] == "evil.example.org"
    assert seen["x-forwarded-proto"] == "https"
    assert not {"x-forwarded-prefix", "x-real-ip", "forwarded"} & set(seen)


def test_a_server_that_is_down_is_explained(door: Door) -> None:
    path = "/notebooks/user/bob/malaria/lab"
    page = door.get(path, accept="text/html", accept_language="fr-FR,fr;q=0.9")
    assert page.status == 503
    assert page.headers["retry-after"] == "3"
    assert "Un instant" in page.body.decode()
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for_scripts = door.get(path, accept="application/json")
    assert json.loads(for_scripts.body)["code"] == "OUTAGE"


def test_routes_are_changed_with_the_token_only(door: Door) -> None:
    assert door.add_route("/mine", door.backend_port, token="guess") == 403
