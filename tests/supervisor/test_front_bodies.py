"""Bodies of files through the front door and the gateway, to a store that tells what came.

Large ones take a way of their own, past the parser: every byte must still be the right
one, and what follows on the same connection a request of its own.
"""

import contextlib
import hashlib
import http.client
import json
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psutil
import pytest

from hexa.site.supervisor.components import gateway
from hexa.site.supervisor.components.front import node
from tests.ports import free_port
from tests.supervisor.test_front import opened

MIB = 2**20
CONTENT = hashlib.shake_128(b"a large file").digest(24 * MIB + 17)
HALF = len(CONTENT) // 2


class Store(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        _, _, verb = self.path.rpartition("/")
        begin = int(verb.removeprefix("from-") if verb.startswith("from-") else 0)
        whole = CONTENT[begin:] if verb != "small" else b"small"
        self.send_response(206 if begin else 200)
        if verb == "chunked":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for start in range(0, len(whole), MIB):
                piece = whole[start : start + MIB]
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")
            return
        self.send_header("Content-Length", str(len(whole)))
        self.send_header("X-Connection", str(self.client_address[1]))
        self.end_headers()
        if self.command == "HEAD":
            return
        if verb == "drips":  # pieces that are smaller than any buffer
            for start in range(0, 64_000, 1000):
                self.wfile.write(whole[start : start + 1000])
                time.sleep(0.001)
            whole = whole[64_000:]
        self.wfile.write(whole[:HALF] if verb == "breaks-off" else whole)
        self.close_connection = verb == "breaks-off"

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        if self.path.endswith("/refused"):
            # As a store does that has no use for the body: it does not wait for it.
            self._answer(412, b"")
            self.close_connection = True
            return
        left, summed = int(self.headers["Content-Length"]), hashlib.md5()  # noqa: S324
        while left and (piece := self.rfile.read(min(left, MIB))):
            summed.update(piece)
            left -= len(piece)
            if self.path.endswith("/slow"):
                time.sleep(0.02)
        self.close_connection = bool(left)  # who sent it went away
        if not left:
            self._answer(200, summed.hexdigest().encode())

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def finish(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            super().finish()

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def _gateway(store: int) -> Iterator[int]:
    port = free_port()
    settings = {
        "port": port,
        "web": f"http://127.0.0.1:{free_port()}",
        "store": f"http://127.0.0.1:{store}",
        "token": "t",
    }
    process = subprocess.Popen(
        [node(), gateway.PROGRAM], env={"GATEWAY_SETTINGS": json.dumps(settings)}
    )
    try:
        deadline = time.monotonic() + 60
        while not _answers(port):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        assert process.wait(timeout=5) == 0


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def store() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Store)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module", params=["front", "gateway"])
def way(request: pytest.FixtureRequest, store: int) -> Iterator["Way"]:
    if request.param == "front":
        with opened(store) as door:
            yield Way(door.port, "/store/bucket/")
    else:
        with _gateway(store) as port:
            yield Way(port, "/bucket/")


class Way:
    def __init__(self, port: int, path: str) -> None:
        self.port, self.path = port, path

    @contextlib.contextmanager
    def connected(self) -> Iterator[http.client.HTTPConnection]:
        made = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(made):
            yield made

    def ask(
        self, made: http.client.HTTPConnection, verb: str, name: str, body: bytes = b""
    ) -> http.client.HTTPResponse:
        made.request(verb, self.path + name, body or None)
        return made.getresponse()


def test_large_files_come_whole_and_the_connection_stays(way: Way) -> None:
    with way.connected() as made:
        for name in ("large", "small", "chunked", "drips", "large"):
            body = way.ask(made, "GET", name).read()
            assert body == (b"small" if name == "small" else CONTENT)
        assert way.ask(made, "HEAD", "large").read() == b""
        rest = way.ask(made, "GET", f"from-{MIB}")
        assert (rest.status, rest.read()) == (206, CONTENT[MIB:])


def test_large_files_arrive_whole_and_the_connection_stays(way: Way) -> None:
    summed = hashlib.md5(CONTENT).hexdigest().encode()  # noqa: S324
    with way.connected() as made:
        for name in ("slow", "fast", "fast"):
            assert way.ask(made, "PUT", name, CONTENT).read() == summed
        few = hashlib.md5(b"few").hexdigest().encode()  # noqa: S324
        assert way.ask(made, "PUT", "fast", b"few").read() == few


def test_many_at_once_are_not_mixed_up(way: Way) -> None:
    """Slow readers too: what waits to be written must not be written over."""
    wrong = []

    def one(number: int) -> None:
        with way.connected() as made:
            begin = number * MIB + 1
            answer = way.ask(made, "GET", f"from-{begin}")
            body = b""
            while piece := answer.read(3 * MIB):
                body += piece
                time.sleep(0.05)
            if body != CONTENT[begin:]:
                wrong.append(number)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_large_answer_that_breaks_off_does_so_for_who_asked(way: Way) -> None:
    with way.connected() as made:
        answer = way.ask(made, "GET", "breaks-off")
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            answer.read()


@pytest.mark.parametrize("way", ["front"], indirect=True)
def test_a_refusal_is_heard_by_who_still_sends(way: Way) -> None:
    for _ in range(5):
        with way.connected() as made:
            assert way.ask(made, "PUT", "refused", CONTENT).status in {412, 503}


def test_small_answers_share_a_connection_to_the_store(way: Way) -> None:
    with way.connected() as made:
        used = set()
        for _ in range(10):
            answer = way.ask(made, "GET", "small")
            used.add(answer.headers["X-Connection"])
            answer.read()
    assert len(used) == 1


def test_who_leaves_in_the_middle_leaves_nothing_behind(way: Way, store: int) -> None:
    for number in range(8):
        verb = b"GET" if number % 2 else b"PUT"
        asked = b"%b %blarge HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
        length = 0 if verb == b"GET" else len(CONTENT)
        with socket.create_connection(("127.0.0.1", way.port)) as made:
            made.sendall(asked % (verb, way.path.encode(), length))
            made.recv(MIB) if verb == b"GET" else made.sendall(CONTENT[:HALF])
            made.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
    deadline = time.monotonic() + 60
    while (held := _busy(store)) > 2:
        assert time.monotonic() < deadline, held
        time.sleep(0.05)
    with way.connected() as made:
        assert way.ask(made, "GET", "large").read() == CONTENT


def _busy(store: int) -> int:
    """How many connections the store has."""
    return sum(
        one.status == psutil.CONN_ESTABLISHED and one.laddr.port == store
        for one in psutil.Process().net_connections("tcp")
    )
