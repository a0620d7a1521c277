"""Nothing of the embedded store answers who shows no key, and nothing is lost."""

import concurrent.futures
import http.client
import secrets
import signal
import socket
import ssl
import stat
import time
from dataclasses import astuple
from pathlib import Path

import psutil
import pytest

from hexa.backends.storage.certificates import Certificates
from hexa.backends.storage.store import ObjectStore
from hexa.foundation.errors import Outage
from tests.stores import RunningStore, running_store

SERVERS = ["seaweedfs"]
PATHS = [
    ("GET", "/"),
    ("GET", "/ui/index.html"),
    ("GET", "/status"),
    ("GET", "/metrics"),
    ("GET", "/cluster/status"),
    ("GET", "/dir/assign"),
    ("POST", "/submit"),
    ("POST", "/col/delete?collection=kept"),
    ("GET", "/buckets/"),
    ("PUT", "/evil-bucket"),
    ("PUT", "/buckets/kept/x"),
    ("GET", "/debug/pprof/"),
]


def listening(server: RunningStore) -> set[tuple[str, int]]:
    assert server.process is not None
    return {
        (one.laddr.ip, one.laddr.port)
        for one in psutil.Process(server.process.pid).net_connections("tcp")
        if one.status == psutil.CONN_LISTEN
    }


def test_only_the_loopback_listens_and_only_where_it_should(
    server: RunningStore,
) -> None:
    found = listening(server)
    assert {address for address, _ in found} == {"127.0.0.1"}
    expected = {*astuple(server.ports), server.ports.admin + 10_000, server.https_port}
    assert {port for _, port in found} <= expected


@pytest.mark.parametrize("is_encrypted", [False, True])
def test_no_port_answers_anonymously(
    server: RunningStore, store: ObjectStore, bucket: str, *, is_encrypted: bool
) -> None:
    store.put(bucket, "x", b"1")
    doors = [(port, *asked) for _, port in listening(server) for asked in PATHS]
    # At once, since what speaks another protocol is silent until the patience is over.
    with concurrent.futures.ThreadPoolExecutor(len(doors)) as pool:
        answers = list(
            pool.map(lambda at: knock(*at, is_encrypted=is_encrypted), doors)
        )
    for (port, method, path), answer in zip(doors, answers, strict=True):
        is_s3 = port in {server.ports.s3, server.https_port}
        is_health = is_s3 and (method, path) == ("GET", "/status")
        assert is_health or answer is None or answer in {400, 401, 403, 404, 405}, (
            f"{method} {path} on {port} answered {answer}"
        )
    assert store.read(bucket, "x", length=1) == b"1"


def knock(port: int, method: str, path: str, *, is_encrypted: bool) -> int | None:
    """The status; None where the connection was refused or broken off."""
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    connection = (
        http.client.HTTPSConnection("127.0.0.1", port, timeout=5, context=trusting)
        if is_encrypted
        else http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    )
    try:
        connection.request(method, path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def test_inner_parts_want_a_certificate_of_ours(server: RunningStore) -> None:
    trusting = ssl.create_default_context(
        cafile=str(Certificates(server.tls).authority)
    )
    trusting.set_alpn_protocols(["h2"])
    inner = set(astuple(server.ports)) - {server.ports.s3}
    assert [port for port in inner if speaks_http2(port, trusting)] == []


def speaks_http2(port: int, context: ssl.SSLContext) -> bool:
    greeting = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=5) as raw,
            context.wrap_socket(raw, server_hostname="localhost") as channel,
        ):
            # TLS 1.3 tells only at the first read that the certificate was wanted.
            channel.sendall(greeting)
            return bool(channel.recv(1))
    except OSError:
        return False


def test_no_secret_is_readable_by_others(server: RunningStore) -> None:
    secrets_ = [
        *(server.folder / name for name in ("security.toml", "iam.json", "keys.json")),
        server.folder / "identities.json",
        *Certificates(server.tls).files,
    ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets_} == {0o600}
    assert stat.S_IMODE((server.folder / "data").stat().st_mode) == 0o700


def test_more_buckets_than_the_default_allows(store: ObjectStore) -> None:
    names = [f"many-{secrets.token_hex(4)}-{number}" for number in range(70)]

    def fill(name: str) -> None:
        store.create_bucket(name)
        store.put(name, "x", b"1")

    with concurrent.futures.ThreadPoolExecutor(8) as hands:
        try:
            list(hands.map(fill, names))
        finally:
            list(hands.map(store.delete_bucket, names))


def test_what_was_acknowledged_survives_being_killed(tmp_path: Path) -> None:
    with running_store(tmp_path) as server:
        store = server.connect()
        store.create_bucket("kept")
        acknowledged: list[str] = []

        def write(writer: int) -> None:
            for number in range(10_000):
                key = f"{writer}/{number}"
                try:
                    store.put("kept", key, key.encode() * 500)
                except Outage:
                    return
                acknowledged.append(key)

        with concurrent.futures.ThreadPoolExecutor(4) as writers:
            running = [writers.submit(write, writer) for writer in range(4)]
            while len(acknowledged) < 150:
                time.sleep(0.01)
            server.stop(signal.SIGKILL)
            for one in running:
                one.result()
        server.start()
        for key in acknowledged:
            assert store.read("kept", key, length=10_000) == key.encode() * 500


@pytest.mark.parametrize("damaged", [b"{", b"[1, 2]", b"\0" * 64])
def test_it_makes_keys_in_place_of_damaged_ones(tmp_path: Path, damaged: bytes) -> None:
    with running_store(tmp_path) as server:
        server.connect().create_bucket("kept")
        server.connect().put("kept", "x", b"1")
    (server.folder / "keys.json").write_bytes(damaged)
    with running_store(tmp_path) as server:
        assert server.connect().read("kept", "x", length=1) == b"1"


def test_it_starts_again_on_other_ports_with_the_same_keys(tmp_path: Path) -> None:
    with running_store(tmp_path) as server:
        server.connect().create_bucket("kept")
        server.connect().put("kept", "x", b"1")
        keys = (server.folder / "keys.json").read_bytes()
    with running_store(tmp_path) as server:
        assert server.connect().read("kept", "x", length=1) == b"1"
        assert (server.folder / "keys.json").read_bytes() == keys
