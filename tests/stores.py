"""An object store of a test's own: the real one, started as the supervisor does."""

import contextlib
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hexa.backends.storage import seaweedfs
from hexa.backends.storage.certificates import Certificates
from hexa.backends.storage.s3 import S3
from tests.ports import free_ports, store_ports

ORIGIN = "http://hexa.example:8888"
PUBLIC_URL = f"{ORIGIN}/store"
KEY = seaweedfs.Key("HEXATESTS", "not so secret in tests")
_LAST_WORDS = 4000


@dataclass
class RunningStore:
    folder: Path
    tls: Path
    ports: seaweedfs.Ports
    #: Where it answers by TLS as well, with a certificate of its own authority.
    https_port: int = 0
    public_url: str = ORIGIN
    key: seaweedfs.Key = KEY
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
            access_key_id=self.key.id,
            secret_access_key=self.key.secret,
            role_arn=seaweedfs.ROLE_ARN,
            origin=ORIGIN,
            public_url=PUBLIC_URL,
        )

    def start(self) -> None:
        """What it says is in `log`, also why it ended if it did."""
        seaweedfs.prepare(self.folder, tls=self.tls, admin_key=self.key)
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self._command(),
                cwd=self.folder,
                env=seaweedfs.environment(self.folder),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + 30
        while not seaweedfs.is_ready(self.ports):
            assert self.process.poll() is None, self._last_words()
            assert time.monotonic() < deadline, self._last_words()
            time.sleep(0.05)

    @contextlib.contextmanager
    def standing_still(self) -> Iterator[Path]:
        """Its folder, for what can only be done while it does not run."""
        self.stop()
        yield self.folder
        self.start()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is None:
            return
        has_died = self.process.poll() is not None
        self.process.send_signal(how)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(timeout=10)
        self.process = None
        assert not has_died, self._last_words()

    def _command(self) -> list[str]:
        command = seaweedfs.argv(
            self.folder, ports=self.ports, public_url=self.public_url
        )
        certificates = Certificates(self.tls)
        secure = [
            f"-s3.port.https={self.https_port}",
            f"-s3.cert.file={certificates.certificate}",
            f"-s3.key.file={certificates.key}",
        ]
        return [*command, *(secure if self.https_port else ())]

    def _last_words(self) -> str:
        log = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
        return f"The store does not run:\n{log[-_LAST_WORDS:]}"


@contextlib.contextmanager
def running_store(folder: Path) -> Iterator[RunningStore]:
    [https_port] = free_ports(1)
    ports = store_ports(but=[https_port])
    store = RunningStore(folder / "store", folder / "tls", ports, https_port)
    try:
        store.start()
        yield store
    finally:
        store.stop()
