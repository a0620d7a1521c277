"""Root is not needed: the platform runs as somebody without any privilege."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hexa.backends.sandbox import walls
from hexa.site.supervisor.components.hub import Environments
from hexa.site.supervisor.components.plan import code
from tests.platforms import COMPONENTS, Platform, free_port, marked

# Whole platforms start here, on machines that may be busy.
pytestmark = pytest.mark.timeout(600)

# Any without privileges, which has a name inside the walls: initdb asks for it.
PERSON_UID = walls.FOLDERS_UID


@pytest.fixture
def platform() -> Iterator[Platform]:
    # Short: the sockets of a deep one would be in the walls' own temporary folder.
    with tempfile.TemporaryDirectory(prefix="person-") as name:
        folder = Path(name)
        platform = Platform(folder / "data", free_port(), wrapped=as_person(folder))
        yield platform
        if platform.process is not None:
            platform.stop()


def as_person(folder: Path) -> Callable[[list[str]], list[str]]:
    if os.geteuid() != 0:
        return list
    os.chown(folder, PERSON_UID, PERSON_UID)
    seen = [*code(), *Environments.found().folders]

    def wrapped(command: list[str]) -> list[str]:
        return walls.confined(
            command,
            uid=PERSON_UID,
            read_only=dict.fromkeys(seen),
            writable=[folder],
            name="person",
        )

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
