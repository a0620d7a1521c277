"""A bucket as a folder: real store, real rclone, real mounts, inside real walls."""

import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from hexa.backends.folders import fuse
from hexa.backends.folders.client import Folders
from hexa.backends.folders.errors import FoldersUnreachable, FuseMissing
from hexa.backends.sandbox import walls
from hexa.backends.sandbox.cages import Limits
from hexa.backends.sandbox.requests import Start
from hexa.backends.storage.errors import ObjectNotFound
from hexa.backends.storage.s3 import S3
from tests.contract.sandbox.keeping import RunningKeeper, running_keeper, wait_for
from tests.stores import KEY, RunningStore, running_store

BUCKET = "malaria-team"

needs_fuse = pytest.mark.skipif(
    fuse.why_unavailable() is not None, reason=str(fuse.why_unavailable())
)


class RunningFolders:
    def __init__(self, folder: Path, store: RunningStore) -> None:
        self.root = folder / "folders"
        self.client = Folders(folder / "folders.sock")
        self._config = folder / "folders.json"
        self._config.write_text(
            json.dumps(
                {
                    "socket": str(folder / "folders.sock"),
                    "root": str(self.root),
                    "callers": [walls.PLATFORM_UID],
                    "access": {
                        "endpoint": store.endpoint,
                        "region": "us-east-1",
                        "key_id": KEY.id,
                        "secret": KEY.secret,
                    },
                }
            )
        )
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "hexa.backends.folders.service",
                "--config", str(self._config),
            ]
        )  # fmt: skip
        wait_for(self._answers, seconds=60)

    def rclone(self) -> psutil.Process:
        (child,) = psutil.Process(self.process.pid).children()
        return child

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)

    def _answers(self) -> bool:
        assert self.process.poll() is None, "the service of folders ended"
        with contextlib.suppress(FoldersUnreachable):
            self.client.state()
            return True
        return False


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    with running_store(tmp_path_factory.mktemp("seaweedfs")) as running:
        running.connect().create_bucket(BUCKET)
        yield running


@pytest.fixture
def store(server: RunningStore) -> S3:
    return server.connect()


@pytest.fixture
def folders(tmp_path: Path, server: RunningStore) -> Iterator[RunningFolders]:
    running = RunningFolders(tmp_path, server)
    with contextlib.closing(running):
        yield running


@pytest.fixture
def keeper(tmp_path: Path, folders: RunningFolders) -> Iterator[RunningKeeper]:
    with running_keeper(tmp_path, mountable=[folders.root]) as running:
        yield running


def start_in(
    keeper: RunningKeeper, folder: Path, script: str, *, home: int = 1
) -> Path:
    """Runs a script where the bucket is at /run/workspace; returns what it prints to."""
    name = f"session-{home}"
    keeper.client.start(
        Start(
            id=name,
            command=("/bin/sh", "-c", script),
            env={"PATH": "/usr/bin:/bin"},
            mounts=(
                walls.Mount(keeper.homes / str(home), walls.HOME, writable=True),
                walls.Mount(folder, Path("/run/workspace"), writable=True),
            ),
            uid=walls.FIRST_HOME_UID + home,
            limits=Limits(),
            files={},
        )
    )
    return keeper.state / name / "output.log"


@needs_fuse
def test_what_is_written_in_a_session_is_soon_in_the_bucket_and_back(
    folders: RunningFolders, keeper: RunningKeeper, store: S3
) -> None:
    folder = folders.client.ensure(BUCKET)
    store.put(BUCKET, "données/été.csv", b"a,b\n1,2\n")
    output = start_in(
        keeper,
        folder,
        "cd /run/workspace/files; cat données/*.csv; mkdir new; echo hello > new/from-me;"
        "until [ -e reply ]; do sleep 0.1; done; cat reply; exec sleep 60",
    )
    wait_for(lambda: "1,2" in output.read_text())
    wait_for(lambda: _read(store, "new/from-me") == b"hello\n", seconds=5)
    store.put(BUCKET, "reply", b"hello back")
    wait_for(lambda: "hello back" in output.read_text(), seconds=5)


@needs_fuse
def test_several_people_of_a_workspace_write_in_one_folder(
    folders: RunningFolders, keeper: RunningKeeper
) -> None:
    folder = folders.client.ensure(BUCKET)
    script = (
        "cd /run/workspace/files && echo {0} > shared-{0} && echo {0} >> log && cat log"
    )
    first = start_in(keeper, folder, script.format("ana"), home=1)
    wait_for(lambda: "ana" in first.read_text())
    second = start_in(keeper, folder, script.format("bob"), home=2)
    wait_for(lambda: "ana\nbob" in second.read_text())


@needs_fuse
def test_a_dead_mount_heals_inside_a_session_that_runs(
    folders: RunningFolders, keeper: RunningKeeper, store: S3
) -> None:
    folder = folders.client.ensure(BUCKET)
    store.put(BUCKET, "before", b"x")
    output = start_in(
        keeper,
        folder,
        "cd /run/workspace; while :; do ls files/before && echo seen; sleep 0.2; done",
    )
    wait_for(lambda: "seen" in output.read_text())
    folders.rclone().kill()
    wait_for(lambda: "not connected" in output.read_text())
    at = len(output.read_text())
    wait_for(lambda: "seen" in output.read_text()[at:], seconds=30)


@needs_fuse
def test_folders_return_when_their_service_was_killed(
    folders: RunningFolders, store: S3
) -> None:
    store.put(BUCKET, "kept", b"x")
    folder = folders.client.ensure(BUCKET)
    child = folders.rclone()
    folders.process.send_signal(signal.SIGKILL)
    folders.process.wait()
    wait_for(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
    folders.start()
    assert folders.client.ensure(BUCKET) == folder
    assert (folder / "files" / "kept").read_bytes() == b"x"


@needs_fuse
def test_nothing_stays_mounted_after_the_end(
    folders: RunningFolders, store: S3
) -> None:
    store.put(BUCKET, "kept", b"x")
    folder = folders.client.ensure(BUCKET)
    folders.client.release(BUCKET)
    assert list((folder / "files").iterdir()) == []
    folders.client.ensure(BUCKET)
    assert (folder / "files" / "kept").exists()
    folders.process.terminate()
    folders.process.wait(timeout=20)
    assert list((folder / "files").iterdir()) == []


@needs_fuse
def test_only_root_and_sandboxes_enter_the_folder_of_a_bucket(
    folders: RunningFolders,
) -> None:
    folders.client.ensure(BUCKET)
    assert folders.root.stat().st_mode & 0o777 == 0o700


@needs_fuse
def test_many_small_files_are_listed_quickly(
    folders: RunningFolders, store: S3
) -> None:
    for number in range(200):
        store.put(BUCKET, f"many/{number}", b"x")
    folder = folders.client.ensure(BUCKET) / "files" / "many"
    began = time.monotonic()
    assert sum(entry.stat().st_size for entry in folder.iterdir()) == 200
    # Without --use-server-modtime each of them costs a request.
    assert time.monotonic() - began < 2


@pytest.mark.skipif(
    fuse.why_unavailable() is None, reason="this machine can show buckets as folders"
)
def test_without_fuse_the_remedy_is_told(folders: RunningFolders) -> None:
    state = folders.client.state()
    assert not state.available
    with pytest.raises(FuseMissing, match="fuse"):
        folders.client.ensure(BUCKET)


@pytest.mark.parametrize("bucket", ["", "../homes", "a/b", "A"])
def test_what_is_no_bucket_is_refused(folders: RunningFolders, bucket: str) -> None:
    with pytest.raises(FoldersUnreachable, match="understood"):
        folders.client.ensure(bucket)


def test_without_the_service_the_caller_is_told(tmp_path: Path) -> None:
    with pytest.raises(FoldersUnreachable):
        Folders(tmp_path / "none.sock").state()


def _read(store: S3, key: str) -> bytes:
    try:
        return store.read(BUCKET, key, length=100)
    except ObjectNotFound:
        return b""
