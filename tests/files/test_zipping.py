"""Several files as one zip: whole, or not at all."""

import io
import struct
import time
import unicodedata
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from hexa.backends.storage.errors import ObjectChanged, ObjectNotFound
from hexa.backends.storage.store import ObjectStore
from hexa.files.errors import TooMuchForZip
from hexa.files.models import Drive
from hexa.files.queries import bundles
from hexa.workspaces.models import Role, Workspace
from tests.conftest import SignedIn
from tests.makers import TESTS, make_member

pytestmark = pytest.mark.django_db

NAMES = [
    "a b/plain.csv",
    "a b/50% #1 + a?b.csv",
    "a b/" + unicodedata.normalize("NFC", "été.csv"),
    "a b/" + unicodedata.normalize("NFD", "été.csv"),
    "a b/数据/सूची 🦟.parquet",
]


@pytest.fixture
def viewer(workspace: Workspace, signed_in: SignedIn) -> Client:
    return signed_in(make_member(workspace, role=Role.VIEWER))


def zip_of(drive: Drive, *paths: str) -> zipfile.ZipFile:
    made = bundles.bundle(drive, paths, by=TESTS)
    content = b"".join(made.chunks)
    assert len(content) == made.size_bytes
    return zipfile.ZipFile(io.BytesIO(content))


def test_folders_and_files_are_in_it_under_their_names(
    drive: Drive, objects: ObjectStore
) -> None:
    for name in NAMES:
        objects.put(drive.bucket, f"in/{name}", name.encode())
    objects.put(drive.bucket, "in/one.csv", b"")
    objects.make_folder(drive.bucket, "in/a b/empty/")
    found = zip_of(drive, "in/a b/", "in/one.csv")
    assert found.testzip() is None
    assert sorted(found.namelist()) == sorted([*NAMES, "one.csv", "a b/empty/"])
    for name in NAMES:
        assert found.read(name) == name.encode()
        assert found.getinfo(name).compress_type == zipfile.ZIP_STORED
    assert bundles.bundle(drive, ["in/a b/"], by=TESTS).name == "a b.zip"
    assert bundles.bundle(drive, ["in/a b/", "in/one.csv"], by=TESTS).name == "in.zip"


def test_each_keeps_the_time_of_its_change(drive: Drive, objects: ObjectStore) -> None:
    objects.put(drive.bucket, "in/a.csv", b"a")
    changed = objects.head(drive.bucket, "in/a.csv").modified_at.astimezone(UTC)
    time.sleep(2.1)  # a zip counts in steps of two seconds
    info = zip_of(drive, "in/").getinfo("in/a.csv")
    assert changed - timedelta(seconds=2) < datetime(*info.date_time, tzinfo=UTC)
    assert datetime(*info.date_time, tzinfo=UTC) <= changed
    # Exactly, and whatever the time zone of who unpacks it.
    assert struct.unpack("<HHBi", info.extra) == (
        0x5455,
        5,
        1,
        int(changed.timestamp()),
    )


def test_its_size_is_known_before_also_where_sizes_are_large(
    drive: Drive, objects: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As beyond 2 GiB, where a zip needs other fields."""
    for limited in (bundles, zipfile):
        monkeypatch.setattr(limited, "ZIP64_LIMIT", 1000)
    objects.put(drive.bucket, "in/1", b"small")
    objects.put(drive.bucket, "in/2 été", bytes(1001))
    objects.put(drive.bucket, "in/3", bytes(1000))
    objects.make_folder(drive.bucket, "in/4/")
    objects.put(drive.bucket, "in/5", bytes(2000))
    found = zip_of(drive, "in/")
    assert found.testzip() is None
    assert [one.file_size for one in found.infolist()] == [5, 1001, 1000, 0, 2000]


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("../evil", "_/evil"),
        ("a/../../evil", "a/_/_/evil"),
        ("a\\..\\evil", "a_.._evil"),
        ("./a/", "_/a/"),
        ("..a/b..", "..a/b.."),
    ],
)
def test_no_name_leads_out_of_where_it_is_unpacked(name: str, inside: str) -> None:
    assert bundles.inside(name) == inside


@pytest.mark.parametrize("what", ["changed", "gone"])
def test_what_changes_while_it_is_sent_breaks_the_zip_off(
    drive: Drive, objects: ObjectStore, what: str
) -> None:
    objects.put(drive.bucket, "in/a", b"first" * 10**6)
    objects.put(drive.bucket, "in/b", b"second")
    made = bundles.bundle(drive, ["in/"], by=TESTS)
    next(made.chunks)
    if what == "changed":
        objects.put(drive.bucket, "in/b", b"other!")
    else:
        objects.delete(drive.bucket, ["in/b"])

    def rest() -> int:
        return sum(len(chunk) for chunk in made.chunks)

    with pytest.raises((ObjectChanged, ObjectNotFound)):
        rest()


def test_more_than_a_zip_should_hold_is_refused(
    drive: Drive, objects: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundles, "MOST_FILES", 2)
    for name in "abc":
        objects.put(drive.bucket, f"in/{name}", b"x")
    with pytest.raises(TooMuchForZip):
        bundles.bundle(drive, ["in/"], by=TESTS)


def test_a_reader_downloads_it_with_its_length(
    drive: Drive, objects: ObjectStore, viewer: Client
) -> None:
    objects.put(drive.bucket, "a.csv", b"a")
    objects.put(drive.bucket, "b.csv", b"b")
    url = f"/workspaces/{drive.workspace.slug}/files/zip/{drive.name}/"
    response = viewer.post(url, {"path": ["a.csv", "b.csv"]})
    assert response.status_code == 200
    assert f'filename="{drive.bucket}.zip"' in response.headers["Content-Disposition"]
    assert int(response.headers["Content-Length"]) > 0
    # One alone comes from the store, which knows ranges.
    alone = viewer.post(url, {"path": "a.csv"})
    assert alone.headers["Location"].endswith("/a.csv")
    assert viewer.post(url, {}).status_code == 422
    assert viewer.post(url, {"path": ["no/", "such"]}).status_code == 404
