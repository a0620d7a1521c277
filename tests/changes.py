"""The service that tells what changes in a store, started as the supervisor does."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hexa.backends.storage.changes import Changes


@dataclass
class RunningChanges:
    folder: Path
    tls: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def changes(self) -> Changes:
        return Changes(self.folder / "feed.sock")

    def start(self) -> None:
        told = {
            "socket": str(self.folder / "feed.sock"),
            "tls": str(self.tls),
            "port": self.port,
            "callers": [os.geteuid()],
        }
        config = self.folder / "changes.json"
        config.write_text(json.dumps(told))
        module = "hexa.backends.storage.changes_service"
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, "--config", str(config)],
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 30
        while not self.changes.path.exists():
            assert self.process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline, "The service does not listen"
            time.sleep(0.05)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(timeout=10)
        self.changes.path.unlink(missing_ok=True)


@contextlib.contextmanager
def running_changes(tls: Path, port: int) -> Iterator[RunningChanges]:
    with tempfile.TemporaryDirectory() as folder:
        service = RunningChanges(Path(folder), tls, port)
        service.start()
        try:
            yield service
        finally:
            service.kill()
