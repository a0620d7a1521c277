"""Root is not needed: the platform runs as somebody without any privilege."""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hexa.backends.sandbox import walls
from hexa.site.supervisor.components.hub import Environments
from hexa.site.supervisor.components.plan import code
from tests.bench.visitor import Visitor
from tests.platforms import COMPONENTS, Platform, marked
from tests.ports import free_port

# Whole platforms start here, on machines that may be busy.
pytestmark = pytest.mark.timeout(600)

# Any without privileges, which has a name inside the walls, and one that has none.
PERSON_UID = walls.FOLDERS_UID
NAMELESS_UID = 12_345


@pytest.fixture
def platform() -> Iterator[Platform]:
    with platform_of(PERSON_UID) as platform:
        yield platform


@contextlib.contextmanager
def platform_of(uid: int) -> Iterator[Platform]:
    # Short: the sockets of a deep one would be in the walls' own temporary folder.
    with tempfile.TemporaryDirectory(prefix="person-") as name:
        folder = Path(name)
        platform = Platform(folder / "data", free_port())
        if os.geteuid() == 0:
            os.chown(folder, uid, uid)
            becoming = as_nameless if uid == NAMELESS_UID else as_person
            platform.wrapped = becoming(folder, uid)
        yield platform
        if platform.process is not None:
            platform.stop()


def seen() -> list[Path]:
    return list(dict.fromkeys([*code(), *Environments.found().folders]))


def as_person(folder: Path, uid: int) -> Callable[[list[str]], list[str]]:
    def wrapped(command: list[str]) -> list[str]:
        return walls.confined(
            command,
            uid=uid,
            read_only=seen(),
            writable=[folder],
            name="person",
        )

    return wrapped


def as_nameless(_: Path, uid: int) -> Callable[[list[str]], list[str]]:
    """On the machine as it is, where our code may lie in what root alone may enter."""
    folders = [path for path in seen() if path.is_relative_to("/root")]
    above = {parent for path in folders for parent in path.parents[:-2]}
    shown = [
        *("--perms", "0755", "--tmpfs", "/root"),
        *(part for each in sorted(above) for part in ("--perms", "0755", "--dir", str(each))),
        *(part for each in folders for part in ("--ro-bind", str(each), str(each))),
    ]  # fmt: skip
    rights = ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    dropping = ["setpriv", "--reuid", str(uid), "--regid", str(uid), "--clear-groups"]

    def wrapped(command: list[str]) -> list[str]:
        # The platform alone answers a signal, and is waited for.
        return [
            *("/usr/bin/env", "--ignore-signal=TERM", str(walls.bubblewrap())),
            *("--dev-bind", "/", "/", *shown, *rights, "--", *dropping),
            *("/usr/bin/env", "--default-signal=TERM", *command),
        ]

    return wrapped


def test_everything_runs_as_that_person(platform: Platform) -> None:
    platform.launch()
    platform.wait_until_ready()
    person = PERSON_UID if os.geteuid() == 0 else os.geteuid()
    # By their mark: inside walls, process numbers are others.
    uids = [process.uids().effective for process in marked(platform)]
    assert len(uids) > len(COMPONENTS)
    assert set(uids) == {person}
    secrets = platform.installation.path("secrets").iterdir()
    assert {path.stat().st_uid for path in secrets} == {person}
    assert platform.stop() == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become any uid")
def test_a_uid_without_a_name_is_enough() -> None:
    """As containers are started: `docker run -u 12345`, OpenShift."""
    with platform_of(NAMELESS_UID) as platform:
        platform.settings = {"HEXA_DEMO": "false"}
        platform.start()
        uids = {process.uids().effective for process in marked(platform)}
        assert uids == {NAMELESS_UID}
        email, password = platform.admin_email, platform.admin_password
        with Visitor(platform, email, password) as visitor:
            visitor.make_workspace("nameless")
            visitor.open_lab("nameless", "admin")
        assert platform.stop() == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become any uid")
def test_a_uid_that_can_get_no_name_is_told_so_before_anything_is_made(
    tmp_path: Path,
) -> None:
    platform = Platform(tmp_path / "deep" / "data", free_port())
    uid = str(NAMELESS_UID)
    walled = ["--dev-bind", "/", "/", "--uid", uid, "--gid", uid]
    without_namespaces = ["--unshare-user", "--disable-userns"]
    done = subprocess.run(
        [
            walls.bubblewrap(), *walled, *without_namespaces,
            "--", sys.executable, "-m", "hexa", "up",
        ],
        env=platform.environment(),
        check=False,
        capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.returncode == 1
    (said,) = done.stderr.splitlines()
    assert said.startswith("hexa: The user id 12345 has no name here")
    assert "Add `hexa:x:12345:12345::/:/bin/sh` to /etc/passwd" in said
    assert not platform.data.parent.exists()
