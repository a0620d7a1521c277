"""`hexa logs`, by the command itself on logs that change."""

import contextlib
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest

from tests.platforms import Platform, payload
from tests.ports import free_port


@pytest.fixture
def stopped(tmp_path: Path) -> Platform:
    """What a platform that ran has left."""
    platform = Platform(tmp_path / "data", free_port())
    logs = platform.data / "logs"
    logs.mkdir(parents=True)
    (logs / "web.log").write_text("one\ntwo\nété\nunfinished", encoding="utf-8")
    (logs / "postgres.log").write_text("ready\n", encoding="utf-8")
    return platform


PATIENCE_S = 60
# What a shell starts in the background ignores it.
_AS_IN_A_TERMINAL = ("/usr/bin/env", "--default-signal=INT")


class Following:
    def __init__(self, platform: Platform, *options: str) -> None:
        self.process = subprocess.Popen(
            [*_AS_IN_A_TERMINAL, sys.executable, "-m", "hexa", "logs", "-f", *options],
            env=platform.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._lines: SimpleQueue[str] = SimpleQueue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def says(self, words: str) -> str:
        """The next line with these words."""
        deadline = time.monotonic() + PATIENCE_S
        line = ""
        while not line or words not in line:
            try:
                line = self._lines.get(timeout=max(deadline - time.monotonic(), 0))
            except Empty:
                raise AssertionError(words) from None
        return line.rstrip("\n")

    def interrupt(self) -> tuple[int, str]:
        """Ctrl-C; exit code and what it said of it."""
        self.process.send_signal(signal.SIGINT)
        self._reader.join(timeout=10)
        assert self.process.stderr is not None
        with self.process.stderr as stream:
            said = stream.read()
        return self.process.wait(timeout=10), said

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            for line in stream:
                self._lines.put(line)


@contextlib.contextmanager
def following(platform: Platform, *options: str) -> Iterator[Following]:
    made = Following(platform, *options)
    try:
        yield made
    finally:
        made.interrupt()


def test_the_last_lines_of_each_are_shown(stopped: Platform) -> None:
    whole = stopped.run("logs").stdout.splitlines()
    assert whole == [
        "postgres  ready",
        "web       one",
        "web       two",
        "web       été",
        "web       unfinished",
    ]
    assert stopped.run("logs", "web", "-n", "1").stdout == "web  unfinished\n"
    assert stopped.run("logs", "-n", "0").stdout == ""
    told = stopped.run("logs", "web", "-n", "2", "--json").stdout.splitlines()
    assert [json.loads(line) for line in told] == [
        {"component": "web", "line": "été"},
        {"component": "web", "line": "unfinished"},
    ]


@pytest.mark.parametrize("name", ["nothing", "*", "../secrets/django"])
def test_a_log_that_is_not_there(stopped: Platform, name: str) -> None:
    done = stopped.run("logs", name)
    assert done.returncode == 1
    assert done.stdout == ""
    (said,) = done.stderr.splitlines()
    assert said.startswith(f"hexa: There is no log of {name} in ")
    assert said.endswith("Known: postgres, web.")


def test_following_goes_on_when_logs_come_are_cut_and_go(stopped: Platform) -> None:
    logs = stopped.data / "logs"
    with following(stopped, "--json") as told:
        assert json.loads(told.says("été")) == {"component": "web", "line": "été"}
        with (logs / "web.log").open("a", encoding="utf-8") as log:
            log.write(" and finished\n")
        assert "unfinished and finished" in told.says("unfinished")
        # As the supervisor rotates: the process goes on writing to the same file.
        (logs / "web.log").write_text("after the cut\n", encoding="utf-8")
        told.says("after the cut")
        (logs / "postgres.log").unlink()
        (logs / "hub.log").write_text("a new one\n", encoding="utf-8")
        assert json.loads(told.says("new"))["component"] == "hub"
        (logs / "postgres.log").write_text("again\n", encoding="utf-8")
        assert json.loads(told.says("again"))["component"] == "postgres"


def test_ctrl_c_ends_following_without_a_word(stopped: Platform) -> None:
    told = Following(stopped)
    told.says("été")
    assert told.interrupt() == (0, "")


def test_following_goes_on_across_a_restart(running_platform: Platform) -> None:
    running_platform.wait_until_ready()
    with following(running_platform, "-n", "1") as told:
        told.says("")
        payload(running_platform.pid_of("changes")).kill()
        # The line it begins with may be the end of another one, in a test before.
        while "component=changes" not in told.says("component ended"):
            pass
        running_platform.wait_until_ready()
        # The one that came after it writes to the same log.
        with running_platform.database() as connection:
            connection.execute("DO $$ BEGIN RAISE LOG 'said now'; END $$")
        assert told.says("said now").startswith("postgres")
