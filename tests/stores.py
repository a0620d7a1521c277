"""An object store of a test's own: the real one, started as the supervisor does."""

import contextlib
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hexa.backends.storage import seaweedfs
from hexa.backends.storage.certificates import Certificates
from hexa.backends.storage.s3 import S3

ORIGIN = "http://hexa.example:8888"
PUBLIC_URL = f"{ORIGIN}/store"
KEY = seaweedfs.Key("HEXATESTS", "not so secret in tests")


@dataclass
class RunningStore:
    folder: Path
    tls: Path
    ports: seaweedfs.Ports
    #: Where it answers by TLS as well, with a certificate of its own authority.
    https_port: int
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.ports.s3}"

    @property
    def secure_endpoint(self) -> str:
        return f"https://127.0.0.1:{self.https_port}"

    @property
    def authority(self) -> str:
        """The certificate that trusts it, in PEM."""
        return Certificates(self.tls).authority.read_text()

    def connect(self) -> S3:
        return S3(
            endpoint=self.endpoint,
            region="us-east-1",
            access_key_id=KEY.id,
            secret_access_key=KEY.secret,
            role_arn=seaweedfs.ROLE_ARN,
            origin=ORIGIN,
            public_url=PUBLIC_URL,
        )

    def start(self) -> None:
        seaweedfs.prepare(self.folder, tls=self.tls, admin_key=KEY)
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *seaweedfs.argv(self.folder, ports=self.ports, public_url=ORIGIN),
                    f"-s3.port.https={self.https_port}",
                    f"-s3.cert.file={Certificates(self.tls).certificate}",
                    f"-s3.key.file={Certificates(self.tls).key}",
                ],
                cwd=self.folder,
                env=seaweedfs.environment(self.folder),
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 30
        while not seaweedfs.is_ready(self.ports):
            assert self.process.poll() is None, "SeaweedFS ended"
            assert time.monotonic() < deadline, "SeaweedFS does not answer"
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(timeout=10)


@contextlib.contextmanager
def running_store(folder: Path) -> Iterator[RunningStore]:
    *ports, https_port = free_ports(10)
    store = RunningStore(
        folder / "store", folder / "tls", seaweedfs.Ports(*ports), https_port
    )
    try:
        store.start()
        yield store
    finally:
        store.stop()


def free_ports(count: int) -> list[int]:
    """Below 32 768, where the kernel takes none for outgoing connections."""
    with contextlib.ExitStack() as held:
        found: list[int] = []
        for port in range(21_000 + time.monotonic_ns() // 1000 % 9000, 32_000):
            probe = held.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                found.append(port)
            if len(found) == count:
                return found
    raise AssertionError("So many ports are not free.")
