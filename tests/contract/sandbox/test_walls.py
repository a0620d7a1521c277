"""What code in a sandbox, or a confined service, can see and do."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hexa.backends.sandbox import walls
from hexa.backends.sandbox.requests import File
from tests.contract.sandbox.keeping import RunningKeeper, wait_for

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="services are walled by root")

REFUSALS = (
    "Permission denied",
    "Operation not permitted",
    "No such file",
    "Read-only",
    "must be superuser",
    "Invalid argument",  # no such uid in this user namespace
)


@pytest.fixture
def other_session(keeper: RunningKeeper) -> Iterator[str]:
    """Somebody else's, with something to steal."""
    script = "echo private > note; exec sleep 300"
    yield keeper.run(script, home=2, env={"HEXA_TOKEN": "stolen"})
    keeper.client.stop("session-2")


@pytest.mark.parametrize(
    "probe",
    [
        "cat {homes}/2/note",
        "ls {homes}",
        "cat {state}/session-2/record.json",
        "ls {folder}",
        "ls {checkout}",
        "ls {home}",
        "ls /var/lib",
        "ls /sys",
        "touch /usr/bin/mine",
        "touch /run/hexa/mine",
        "unshare --user true",
        "unshare --mount true",
        "setpriv --reuid 0 true",
        "mount -t tmpfs none /tmp",
        "mknod /tmp/disk b 8 0",
        "/usr/sbin/chroot / true",
    ],
)
@pytest.mark.usefixtures("other_session")
def test_a_sandbox_is_refused(keeper: RunningKeeper, probe: str) -> None:
    wait_for((keeper.homes / "2" / "note").exists)
    asked = probe.format(
        homes=keeper.homes,
        state=keeper.state,
        folder=keeper.folder,
        checkout=Path(__file__).parents[3],
        home=Path.home(),  # of whoever runs the platform
    )
    said = keeper.output(f"{asked}; echo status $?")
    assert "status 0" not in said
    assert any(refusal in said for refusal in REFUSALS), said


@pytest.mark.parametrize("probe", ["touch /etc/mine", "touch /mine", "mkdir /run/mine"])
def test_the_ground_of_a_sandbox_cannot_be_written(
    keeper: RunningKeeper, probe: str
) -> None:
    assert "status 0" not in keeper.output(f"{probe}; echo status $?")


@pytest.mark.usefixtures("other_session")
def test_a_sandbox_sees_only_its_own_processes(keeper: RunningKeeper) -> None:
    wait_for((keeper.homes / "2" / "note").exists)
    said = keeper.output("cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr '\\0' ' '")
    assert "stolen" not in said
    assert "sleep 300" not in said
    assert "HOME=/home/hexa" in said


def test_a_sandbox_has_a_home_a_name_and_scratch_space(keeper: RunningKeeper) -> None:
    said = keeper.output(
        "pwd; whoami; cd /home/jovyan && touch kept; "
        "for d in /tmp /dev/shm; do touch $d/x && echo wrote $d; done; hostname"
    )
    assert said.split("\n")[:2] == ["/home/hexa", "hexa"]
    assert "wrote /tmp" in said
    assert "wrote /dev/shm" in said
    assert (keeper.homes / "1" / "kept").exists()


def test_a_home_belongs_to_its_session_alone(keeper: RunningKeeper) -> None:
    keeper.output("touch mine")
    home = (keeper.homes / "1").stat()
    assert home.st_mode & 0o777 == 0o700
    if os.geteuid() == 0:
        assert home.st_uid == walls.FIRST_HOME_UID + 1


def test_a_sandbox_has_no_privilege_and_cannot_gain_any(keeper: RunningKeeper) -> None:
    said = keeper.output("cat /proc/self/status")
    status = dict(line.split(":\t", 1) for line in said.splitlines() if ":\t" in line)
    assert int(status["CapEff"], 16) == 0
    assert int(status["CapPrm"], 16) == 0
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"


def test_no_handle_of_the_platform_is_left_open_inside(keeper: RunningKeeper) -> None:
    said = keeper.output("ls -l /proc/$$/fd")
    targets = [line.rpartition("-> ")[2] for line in said.splitlines() if "->" in line]
    assert targets
    assert all(
        target == "/dev/null" or target.endswith("output.log") for target in targets
    )


def test_secrets_are_files_that_only_the_sandbox_reads(keeper: RunningKeeper) -> None:
    name = keeper.run(
        "cat /run/hexa/token; sleep 60",
        files={"token": File("s3cret")},
        env={"KEY": "k3y"},
    )
    output = keeper.state / name / "output.log"
    wait_for(lambda: output.read_text() == "s3cret")
    assert (keeper.state / name / "secrets" / "token").stat().st_mode & 0o777 == 0o400
    # Others on the machine may list command lines.
    listed = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline")]
    assert not any(b"s3cret" in line or b"k3y" in line for line in listed)


@as_root
def test_a_service_sees_its_folders_and_nothing_else(tmp_path: Path) -> None:
    own = _folder(tmp_path / "own", uid=walls.STORE_UID)
    _folder(tmp_path / "other", uid=walls.STORE_UID)
    script = f"""
import os, pathlib, pwd
print(os.getuid(), pwd.getpwuid(os.getuid()).pw_name, os.environ["HOME"])
print(sorted(path.name for path in pathlib.Path({str(tmp_path)!r}).iterdir()))
pathlib.Path({str(own)!r}, "kept").touch()
print(pathlib.Path("/root").exists() and sorted(os.listdir("/root")) == [])
"""
    command = walls.confined(
        ["/usr/bin/python3", "-c", script],
        uid=walls.STORE_UID,
        read_only=[],
        writable=[own],
        name="store",
    )
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert said.splitlines()[:2] == [f"{walls.STORE_UID} store /home/store", "['own']"]
    assert (own / "kept").stat().st_uid == walls.STORE_UID


@as_root
def test_a_service_is_asked_to_stop_by_its_group_and_tells_its_exit_code() -> None:
    script = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
print("ready", flush=True)
time.sleep(60)
"""
    command = walls.confined(
        ["/usr/bin/python3", "-c", script],
        uid=walls.PLATFORM_UID, read_only=[], writable=[], name="web",
    )  # fmt: skip
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as service:
        assert service.stdout is not None
        assert service.stdout.readline() == "ready\n"
        os.killpg(service.pid, signal.SIGTERM)
        assert service.wait(timeout=5) == 7


@as_root
def test_no_service_outlives_what_started_it(tmp_path: Path) -> None:
    sign = _folder(tmp_path / "sign", uid=walls.PLATFORM_UID)
    script = f"""
import os, pathlib, time
while True:
    pathlib.Path({str(sign)!r}, "alive").write_text("x")
    time.sleep(0.05)
"""
    command = walls.confined(
        ["/usr/bin/python3", "-c", script],
        uid=walls.PLATFORM_UID, read_only=[], writable=[sign], name="web",
    )  # fmt: skip
    starter = (
        "import subprocess, sys, time; subprocess.Popen(sys.argv[1:]); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", starter, *command]) as supervisor:
        wait_for((sign / "alive").exists)
        supervisor.kill()

    def is_silent() -> bool:
        (sign / "alive").unlink(missing_ok=True)
        time.sleep(0.5)
        return not (sign / "alive").exists()

    # The kernel kills it in its own time, which a busy machine draws out.
    wait_for(is_silent)


def _folder(path: Path, *, uid: int) -> Path:
    path.mkdir()
    for above in path.parents[:3]:
        above.chmod(above.stat().st_mode | 0o011)
    os.chown(path, uid, uid)
    return path
