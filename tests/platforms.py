"""The real platform, started by the real command, for tests that talk to it."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import psutil
import psycopg
import pytest
from botocore.config import Config

from hexa.site.installation import Installation
from hexa.site.supervisor import status
from hexa.site.supervisor.cleanup import MARK
from hexa.site.supervisor.status import Status
from tests.ports import free_port

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

ADMIN_EMAIL = "admin@example.org"
ADMIN_PASSWORD = "a long password for tests"
COMPONENTS = {
    "changes", "folders", "front", "gateway", "hub", "keeper", "postgres", "store", "web",
    "worker",
}  # fmt: skip
START_PATIENCE_S = 120
STOP_PATIENCE_S = 15


@dataclass
class Platform:
    """One `hexa up`; `start` and `stop` may be called again and again."""

    data: Path
    port: int
    settings: Mapping[str, str] = field(default_factory=dict)
    admin_email: str = ADMIN_EMAIL
    admin_password: str = ADMIN_PASSWORD
    process: subprocess.Popen[bytes] | None = None
    # How the command is run: as it is, or for instance as somebody else.
    wrapped: Callable[[list[str]], list[str]] = list

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def installation(self) -> Installation:
        return Installation(self.data.resolve())

    @property
    def output(self) -> str:
        """All that `hexa up` printed, over all starts."""
        return self._terminal.read_text(encoding="utf-8")

    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("HEXA_")}
        return {
            **kept,
            "HEXA_DATA": str(self.data),
            "HEXA_PORT": str(self.port),
            "HEXA_ADMIN_EMAIL": self.admin_email,
            "HEXA_ADMIN_PASSWORD": self.admin_password,
            **self.settings,
        }

    def launch(self) -> None:
        """Starts without waiting."""
        self._terminal.parent.mkdir(parents=True, exist_ok=True)
        with self._terminal.open("ab") as output:
            self.process = subprocess.Popen(
                self.wrapped([sys.executable, "-m", "hexa", "up"]),
                env=self.environment(),
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def start(self) -> None:
        self.launch()
        self.wait_until_ready()

    def wait_until_ready(self, patience_s: float = START_PATIENCE_S) -> Status:
        deadline = time.monotonic() + patience_s
        while True:
            found = self.status()
            if found is not None and found["ready"]:
                return found
            assert self.process is not None
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, f"{found}\n{self.output}"
            time.sleep(0.05)

    def status(self) -> Status | None:
        return status.ask(self.installation.status_socket)

    def pid_of(self, component: str) -> int:
        """Of the first process of a component."""
        found = self.status()
        assert found is not None
        pids = {each["name"]: each["pid"] for each in found["components"]}
        pid = pids[component]
        assert pid is not None
        return pid

    def stop(self) -> int:
        """The exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            # The whole group, since it may be wrapped; components lead their own.
            os.killpg(self.process.pid, signal.SIGTERM)
        return self.process.wait(timeout=STOP_PATIENCE_S)

    def kill(self) -> None:
        """kill -9 of the supervisor, and of nothing else."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def run(self, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Another `hexa` command on the same data folder."""
        return subprocess.run(
            [sys.executable, "-m", "hexa", *arguments],
            env=self.environment(),
            input=typed,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def begin(self, *arguments: str) -> subprocess.Popen[bytes]:
        """The same without waiting, as the head of a process group."""
        return subprocess.Popen(
            [sys.executable, "-m", "hexa", *arguments],
            env=self.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def s3(self) -> "S3Client":
        """Straight to the store, with the platform's own key."""
        client: S3Client = boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{self.installation.ports.store_s3}",
            region_name="us-east-1",
            aws_access_key_id=self.installation.secret("store-admin-id"),
            aws_secret_access_key=self.installation.secret("store-admin-secret"),
            config=Config(s3={"addressing_style": "path"}, signature_version="s3v4"),
        )
        return client

    def database(self) -> psycopg.Connection[tuple[object, ...]]:
        installation = self.installation
        return psycopg.connect(
            host="127.0.0.1",
            port=installation.ports.postgres,
            user="hexa",
            password=installation.secret("postgres"),
            dbname="hexa",
        )

    def run_json(self, *arguments: str) -> object:
        done = self.run(*arguments, "--json")
        return json.loads(done.stdout)

    @property
    def _terminal(self) -> Path:
        return self.data.with_name(f"{self.data.name}.terminal")


def marked(platform: Platform) -> list[psutil.Process]:
    """The processes of this platform, by the mark in their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == str(platform.installation.data):
                found.append(process)
        except psutil.Error:
            continue
    return found


def payload(pid: int) -> psutil.Process:
    """The component itself, inside its walls."""
    process = psutil.Process(pid)
    while process.name() == "bwrap" and process.children():
        process = process.children()[0]
    return process


@contextlib.contextmanager
def platform_in(folder: Path, **settings: str) -> Iterator[Platform]:
    """Not started yet; stopped at the end if it runs."""
    platform = Platform(folder / "data", free_port(), settings)
    try:
        yield platform
    finally:
        if platform.process is not None:
            platform.stop()


@pytest.fixture(scope="session")
def running_platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Started once for all tests that ask for it."""
    # Tests connect buckets of a store on this very machine.
    networks = {"HEXA_STORE_NETWORKS": "127.0.0.0/8"}
    with platform_in(tmp_path_factory.mktemp("platform"), **networks) as platform:
        platform.start()
        yield platform
