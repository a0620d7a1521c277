"""A keeper that runs for a test, and what its sandboxes are made from."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from hexa.backends.sandbox import walls
from hexa.backends.sandbox.cages import Limits
from hexa.backends.sandbox.client import Keeper
from hexa.backends.sandbox.errors import KeeperUnreachable
from hexa.backends.sandbox.requests import File, Start

MIB = 2**20


def wait_for(condition: Callable[[], bool], *, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


class RunningKeeper:
    """A keeper in a process of its own, as the supervisor starts it."""

    def __init__(
        self, folder: Path, *, mountable: Sequence[Path] = (), early: int = 0
    ) -> None:
        self.folder = folder
        self.homes = folder / "homes"
        self.homes.mkdir()
        self.homes.chmod(0o711)
        self.socket = folder / "keeper.sock"
        self.state = folder / "sandboxes"
        self._config = folder / "keeper.json"
        self._config.write_text(
            json.dumps(
                {
                    "socket": str(self.socket),
                    "state": str(self.state),
                    "callers": [walls.PLATFORM_UID],
                    "early": early,
                    "mountable": [str(path) for path in (self.homes, *mountable)],
                }
            )
        )
        self.client = Keeper(self.socket)
        self.start()

    def start(self) -> None:
        self.socket.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "hexa.backends.sandbox.keeper",
                "--config", str(self._config),
            ],
        )  # fmt: skip
        wait_for(self._answers)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self) -> None:
        if self.process.poll() is None:
            for told in self.client.list():
                self.client.stop(told["id"])
            self.process.terminate()
            self.process.wait()

    def run(
        self,
        script: str,
        *,
        home: int = 1,
        limits: Limits | None = None,
        files: dict[str, File] | None = None,
        env: dict[str, str] | None = None,
    ) -> str:
        """Starts a shell script in the sandbox of a home; returns the sandbox's id."""
        name = f"session-{home}"
        self.client.start(
            Start(
                id=name,
                command=("/bin/sh", "-c", script),
                env={"HOME": "/home/hexa", "PATH": "/usr/bin:/bin", **(env or {})},
                mounts=(
                    walls.Mount(self.homes / str(home), walls.HOME, writable=True),
                ),
                uid=walls.FIRST_HOME_UID + home,
                limits=limits or Limits(),
                files=files or {},
            )
        )
        return name

    def output(self, script: str, *, home: int = 1) -> str:
        """What a script prints, both streams, when run to its end."""
        name = self.run(script, home=home)
        wait_for(lambda: self.client.poll(name)["state"] == "exited")
        return (self.state / name / "output.log").read_text()

    def _answers(self) -> bool:
        assert self.process.poll() is None, "the keeper ended"
        try:
            self.client.list()
        except KeeperUnreachable:
            return False
        return True


@contextlib.contextmanager
def running_keeper(
    folder: Path, *, mountable: Sequence[Path] = (), early: int = 0
) -> Iterator[RunningKeeper]:
    # A sandbox's own uid passes through the folders above its home.
    for above in (folder, *folder.parents):
        if above.stat().st_uid == os.geteuid() and above != Path("/"):
            above.chmod(above.stat().st_mode | 0o011)
    keeper = RunningKeeper(folder, mountable=mountable, early=early)
    try:
        yield keeper
    finally:
        keeper.close()
