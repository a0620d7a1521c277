"""Sandboxes made early, and given to somebody later. Only root can."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hexa.backends.sandbox import walls
from hexa.backends.sandbox.cages import Limits
from hexa.backends.sandbox.requests import File, Start
from tests.contract.sandbox.keeping import RunningKeeper, running_keeper, wait_for

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")

LAB = Path(__file__).parents[3] / ".envs" / "lab"
PROGRAMS = tuple(walls.runtime(LAB.resolve()))
BECOMING = "from hexa_lab import waiting; waiting.become_somebody()\n"
LOOK = """
import os, time
open("was-early", "w").write(str({early}))
open("told", "w").write(os.environ["WHO"] + open("/run/hexa/token").read())
try:
    os.setuid(0)
    open("is-root", "w")
except PermissionError:
    pass
print(os.listdir("/home"), os.listdir("/run/hexa"), flush=True)
while True: time.sleep(0.1)
"""


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[RunningKeeper]:
    bucket = tmp_path / "bucket"
    (bucket / "files").mkdir(parents=True)
    with running_keeper(tmp_path, mountable=[*PROGRAMS, bucket], early=1) as running:
        yield running


def ask(keeper: RunningKeeper, home: int, *, memory_bytes: int = 2**30) -> Path:
    """A session of a home; returns what it wrote there."""
    python, bucket = str(LAB.resolve() / "bin" / "python"), keeper.folder / "bucket"
    keeper.client.start(
        Start(
            id=f"session-{home}",
            command=(python, "-c", LOOK.format(early=False)),
            waiting=(python, "-c", BECOMING + LOOK.format(early=True)),
            env={"HOME": str(walls.HOME), "WHO": f"person {home} "},
            mounts=(
                walls.Mount(keeper.homes / str(home), walls.HOME, writable=True),
                walls.Mount(bucket, walls.BUCKET, writable=True),
                *(walls.Mount(folder, folder) for folder in PROGRAMS),
            ),
            uid=walls.FIRST_HOME_UID + home,
            limits=Limits(memory_bytes=memory_bytes),
            files={"token": File(f"token {home}")},
        )
    )
    wait_for((keeper.homes / str(home) / "told").exists)
    return keeper.homes / str(home)


def one_waits(keeper: RunningKeeper) -> bool:
    """And has come so far that it can be taken."""
    for told in keeper.client.list():
        if told["id"].startswith("early-") and told["state"] == "running":
            return _is_reading(keeper.state / told["id"] / "secrets" / "identity")
    return False


def _is_reading(pipe: Path) -> bool:
    try:
        handle = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return False
    os.close(handle)
    return True


def mounted_below(folder: Path) -> list[str]:
    table = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    return [line for line in table if str(folder) in line]


def end(keeper: RunningKeeper, home: int) -> None:
    assert keeper.client.stop(f"session-{home}")["state"] == "exited"


def test_a_sandbox_made_early_becomes_that_of_who_asks_next(
    keeper: RunningKeeper,
) -> None:
    first = ask(keeper, 1)
    assert (first / "was-early").read_text() == "False"
    wait_for(lambda: one_waits(keeper))
    second = ask(keeper, 2)
    assert (second / "was-early").read_text() == "True"
    assert (second / "told").read_text() == "person 2 token 2"
    assert not (second / "is-root").exists()
    uid = walls.FIRST_HOME_UID + 2
    assert {(second / name).stat().st_uid for name in ("told", "was-early")} == {uid}
    told = keeper.client.poll("session-2")
    assert (told["id"], told["state"]) == ("session-2", "running")
    # At rest, a person's folder is mounted nowhere outside.
    assert not [line for line in mounted_below(keeper.homes) if "slot" in line]
    for home in (1, 2):
        end(keeper, home)


def test_it_holds_no_right_and_sees_nobody_else(keeper: RunningKeeper) -> None:
    ask(keeper, 1)
    wait_for(lambda: one_waits(keeper))
    ask(keeper, 2)
    uid = str(walls.FIRST_HOME_UID + 2)
    own = ["pgrep", "--uid", uid]
    pids = subprocess.run(
        own, check=True, capture_output=True, text=True
    ).stdout.split()
    assert pids
    for pid in pids:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        held = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
        assert {int(held[f"Cap{kind}"], 16) for kind in ("Prm", "Eff", "Bnd")} == {0}
        assert (held["NoNewPrivs"], held["Seccomp"]) == ("1", "2")
        table = Path(f"/proc/{pid}/mountinfo").read_text()
        assert f"{keeper.homes}/2 " in table or "/homes/2 " in table
        assert "/homes/1 " not in table
    for home in (1, 2):
        end(keeper, home)


def test_what_is_mounted_in_a_bucket_later_is_seen_inside(
    keeper: RunningKeeper,
) -> None:
    files = keeper.folder / "bucket" / "files"
    bucket = str(files.parent)
    subprocess.run(["mount", "--bind", bucket, bucket], check=True)
    subprocess.run(["mount", "--make-shared", bucket], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(files)], check=True)
    try:
        ask(keeper, 1)
        wait_for(lambda: one_waits(keeper))
        ask(keeper, 2)
        assert files.is_mount(), "the end of a slot must not reach the bucket"
        uid = str(walls.FIRST_HOME_UID + 2)
        pid = subprocess.check_output(["pgrep", "-u", uid, "-n"], text=True).strip()
        inside = Path(f"/proc/{pid}/root/run/workspace/files")
        (files / "before").touch()
        assert (inside / "before").exists()
        subprocess.run(["umount", str(files)], check=True)
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(files)], check=True)
        (files / "after").touch()
        assert {entry.name for entry in inside.iterdir()} == {"after"}
        for home in (1, 2):
            end(keeper, home)
    finally:
        subprocess.run(["umount", "--recursive", bucket], check=True)


def test_another_limit_is_another_sandbox(keeper: RunningKeeper) -> None:
    ask(keeper, 1)
    wait_for(lambda: one_waits(keeper))
    other = ask(keeper, 2, memory_bytes=2**29)
    assert (other / "was-early").read_text() == "False"
    for home in (1, 2):
        end(keeper, home)


def test_a_new_keeper_keeps_people_and_ends_who_waits(keeper: RunningKeeper) -> None:
    ask(keeper, 1)
    wait_for(lambda: one_waits(keeper))
    ask(keeper, 2)
    wait_for(lambda: one_waits(keeper))
    keeper.kill()
    keeper.start()
    wait_for(lambda: not one_waits(keeper))
    assert keeper.client.poll("session-2")["state"] == "running"
    for home in (1, 2):
        end(keeper, home)
    assert mounted_below(keeper.state) == []
    third = ask(keeper, 2)
    assert (third / "was-early").exists()


def test_a_keeper_that_ends_leaves_nobody_waiting(keeper: RunningKeeper) -> None:
    ask(keeper, 1)
    wait_for(lambda: one_waits(keeper))
    end(keeper, 1)
    keeper.process.terminate()
    keeper.process.wait()
    assert mounted_below(keeper.state) == []
    assert not list(keeper.state.glob("early-*"))
