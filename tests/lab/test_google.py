"""Drives at Google in the explorer: all that one does there, and what is refused."""

import random
import secrets
import time
from collections.abc import Callable, Iterator

import pytest
from tests.google.door import Google
from tests.google.running import account, connect, running_google
from tests.google.tokens import ADMIN
from tests.lab.platform import Platform
from tests.lab.server import Lab
from tests.lab.store import Store

from hexa.backends.storage.gcs import GCS

NAMES = ["Données été.csv", "100 %.csv", "a#b.csv", "a+b.csv", "a?b=c&d.csv", "🦟.csv"]


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Google]:
    with running_google(tmp_path_factory.mktemp("google") / "log") as google:
        yield google


@pytest.fixture
def team(google: Google, platform: Platform) -> GCS:
    """The team's own view of what it has at Google."""
    platform.google_store = connect(google, account(google, {"*": ADMIN}))
    return platform.google_store


MakeDrive = Callable[..., str]


@pytest.fixture
def make_google_drive(team: GCS, platform: Platform) -> MakeDrive:
    def make(access: str = "write") -> str:
        bucket = f"team-{secrets.token_hex(4)}"
        team.create_bucket(bucket)
        platform.google[bucket] = access
        time.sleep(0.25)
        return f"gcs:{bucket}"

    return make


@pytest.fixture
def drive(make_google_drive: MakeDrive) -> str:
    return make_google_drive()


def bucket_of(drive: str) -> str:
    return drive.removeprefix("gcs:")


def keys(team: GCS, drive: str) -> set[str]:
    return {one.key for one in team.list_keys(bucket_of(drive), "").objects}


def test_a_drive_at_google_is_a_folder_like_any_other(
    lab: Lab, drive: str, team: GCS
) -> None:
    assert drive in lab.names("")
    for key in ["data/a.csv", "data/b.ipynb", "data/deep/er/c.csv", "data/.hidden"]:
        team.put(bucket_of(drive), key, b"x")
    answer = lab.get(f"{drive}/data", type="directory").json()
    kinds = {entry["name"]: entry["type"] for entry in answer["content"]}
    assert kinds == {"a.csv": "file", "b.ipynb": "notebook", "deep": "directory"}


@pytest.mark.parametrize("name", NAMES)
def test_names_survive(lab: Lab, drive: str, team: GCS, name: str) -> None:
    path = f"{drive}/dossier é/{name}"
    assert lab.save_text(path, "a,b").status_code == 201
    assert keys(team, drive) == {f"dossier é/{name}"}
    assert lab.names(f"{drive}/dossier é") == {name}
    assert lab.get(path).json()["content"] == "a,b"
    assert lab.file(path).content == b"a,b"


def test_files_travel_whole(
    lab: Lab, make_google_drive: MakeDrive, team: GCS, store: Store, platform: Platform
) -> None:
    one, two = make_google_drive(), make_google_drive()
    body = random.Random(2).randbytes(20 << 20)  # noqa: S311
    (lab.home / "été.bin").write_bytes(body)
    assert lab.move("été.bin", f"{one}/in/été.bin").status_code == 200
    assert lab.move(f"{one}/in/été.bin", f"{two}/été.bin").status_code == 200
    assert keys(team, one) == set()
    assert lab.post(two, {"copy_from": f"{two}/été.bin"}).status_code == 201
    assert keys(team, two) == {"été.bin", "été-Copy1.bin"}
    assert lab.post("", {"copy_from": f"{two}/été.bin"}).status_code == 201
    assert (lab.home / "été.bin").read_bytes() == body
    (lab.home / "été.bin").unlink()
    bucket = f"drive-{secrets.token_hex(4)}"
    store.make_bucket(bucket)
    platform.drives[bucket] = "write"
    time.sleep(0.25)
    assert lab.move(f"{two}/été.bin", f"s3:{bucket}/été.bin").status_code == 200
    assert store.get(bucket, "été.bin") == body


def test_folders_are_made_moved_and_deleted(lab: Lab, drive: str, team: GCS) -> None:
    assert lab.put(f"{drive}/empty", {"type": "directory"}).status_code == 201
    assert lab.names(drive) == {"empty"}
    assert lab.names(f"{drive}/empty") == set()
    team.put(bucket_of(drive), "empty/deep/a.txt", b"a")
    assert lab.move(f"{drive}/empty", f"{drive}/full").status_code == 200
    assert keys(team, drive) >= {"full/deep/a.txt"}
    assert lab.names(drive) == {"full"}
    assert lab.delete(f"{drive}/full").status_code == 204
    assert lab.names(drive) == set()


def test_a_save_over_a_newer_version_is_refused(
    lab: Lab, drive: str, team: GCS
) -> None:
    team.put(bucket_of(drive), "a.txt", b"theirs")
    lab.get(f"{drive}/a.txt")
    team.put(bucket_of(drive), "a.txt", b"newer")
    refused = lab.save_text(f"{drive}/a.txt", "mine")
    assert refused.status_code == 409
    assert "changed by someone else" in refused.json()["message"]
    assert team.read(bucket_of(drive), "a.txt", length=9) == b"newer"
    assert lab.save_text(f"{drive}/a.txt", "mine").status_code == 200


def test_a_read_only_drive_says_so_and_google_holds_it(
    lab: Lab, make_google_drive: MakeDrive, team: GCS, platform: Platform
) -> None:
    drive = make_google_drive("read")
    team.put(bucket_of(drive), "a.txt", b"theirs")
    assert lab.get(f"{drive}/a.txt").json()["writable"] is False
    refused = lab.save_text(f"{drive}/a.txt", "mine")
    assert (refused.status_code, "read-only" in refused.json()["message"]) == (
        403,
        True,
    )
    # A list that promises more than the token does.
    platform.google[bucket_of(drive)] = "write"
    platform.minted["write"] = "read"
    time.sleep(0.25)
    refused = lab.save_text(f"{drive}/a.txt", "mine")
    assert refused.status_code == 403
    assert "does not let you" in refused.json()["message"]
    assert team.read(bucket_of(drive), "a.txt", length=9) == b"theirs"


def test_without_a_token_the_drive_says_why_and_others_work(
    lab: Lab, drive: str, platform: Platform
) -> None:
    platform.minting_refused = True
    platform.language = "fr"
    time.sleep(0.25)
    refused = lab.get(drive, type="directory")
    assert refused.status_code == 403
    assert "Google gives no token" in refused.json()["message"]
    assert drive in lab.names("")
    del platform.google[bucket_of(drive)]
    time.sleep(0.25)
    assert drive not in lab.names("")
    assert lab.get(drive, type="directory").status_code == 404


def test_bytes_are_sent_by_range(lab: Lab, drive: str, team: GCS) -> None:
    team.put(bucket_of(drive), "a.bin", b"0123456789")
    part = lab.file(f"{drive}/a.bin", Range="bytes=2-4")
    assert (part.status_code, part.content) == (206, b"234")
