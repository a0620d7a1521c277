"""What every object store does for the platform."""

import io
from typing import IO

import pytest

from hexa.backends.storage import errors
from hexa.backends.storage.store import ANYTHING, Marker, ObjectStore, Part, Version
from tests.contract.storage.conftest import MakeBucket

NAMES = [
    "plain.csv",
    "données été 2026.csv",
    "50% #1 + a?b&c=d.csv",
    'it\'s "quoted" [x]{y}.csv',
    "percent%20encoded.csv",
    "e\u0301 and \u00e9.csv",
    "数据/सूची.parquet",
    "~!*()@:,;=$.csv",
    " leading and trailing ",
]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_comes_back_as_it_was_given(
    store: ObjectStore, bucket: str, name: str
) -> None:
    key = f"a b/{name}"
    store.put(bucket, key, b"1,2\n", content_type="text/csv")
    assert store.read(bucket, key, length=100) == b"1,2\n"
    assert store.head(bucket, key).content_type == "text/csv"
    assert [one.key for one in store.list_keys(bucket, "a b/").objects] == [key]
    store.put_stream(bucket, key, io.BytesIO(b"again"))
    assert b"".join(store.stream(bucket, key)) == b"again"
    store.copy(bucket, key, to_bucket=bucket, to_key=f"copy/{name}")
    assert store.read(bucket, f"copy/{name}", length=10) == b"again"


def test_a_folder_is_listed_page_by_page(store: ObjectStore, bucket: str) -> None:
    files = [f"data/f{number:03}.csv" for number in range(120)]
    folders = [f"data/s{number}/" for number in range(5)]
    for key in files + [f"{folder}x" for folder in folders] + ["other/x"]:
        store.put(bucket, key, b"x")
    after, pages, seen = "", 0, []
    while True:
        page = store.list_page(bucket, "data/", after=after, limit=50)
        seen += [*page.folders, *(one.key for one in page.objects)]
        pages += 1
        if page.next is None:
            break
        after = page.next
    assert pages == 3
    assert sorted(seen) == sorted(files + folders)


def test_an_empty_folder_is_there_until_it_is_deleted(
    store: ObjectStore, bucket: str
) -> None:
    store.make_folder(bucket, "empty/")
    assert store.list_page(bucket).folders == ["empty/"]
    inside = store.list_page(bucket, "empty/")
    assert (inside.folders, inside.objects) == ([], [])
    store.delete(bucket, [one.key for one in store.list_keys(bucket, "empty/").objects])
    assert store.list_page(bucket).folders == []


def test_reading_takes_a_range(store: ObjectStore, bucket: str) -> None:
    store.put(bucket, "x", b"0123456789")
    assert store.read(bucket, "x", start=2, length=3) == b"234"
    assert store.read(bucket, "x", start=8, length=50) == b"89"
    assert store.read(bucket, "x", start=10, length=1) == b""
    assert store.read(bucket, "x", length=0) == b""


def test_what_is_not_there_says_so(store: ObjectStore, bucket: str) -> None:
    with pytest.raises(errors.ObjectNotFound):
        store.head(bucket, "nothing")
    with pytest.raises(errors.ObjectNotFound):
        store.read(bucket, "nothing", length=1)
    with pytest.raises(errors.BucketNotFound):
        store.list_page("no-such-bucket")
    with pytest.raises(errors.BucketExists):
        store.create_bucket(bucket)


def test_deleting_hides_and_undeleting_brings_back(
    store: ObjectStore, bucket: str
) -> None:
    keys = ["a/one é.csv", "a/two.csv", "a/b/three.csv"]
    for key in keys:
        store.put(bucket, key, key.encode())
    markers = store.delete(bucket, keys)
    assert sorted(marker.key for marker in markers) == sorted(keys)
    assert store.list_page(bucket).folders == []
    store.undelete(bucket, markers)
    for key in keys:
        assert store.read(bucket, key, length=50) == key.encode()


def test_every_version_is_kept(store: ObjectStore, bucket: str) -> None:
    store.put(bucket, "x.csv", b"old")
    store.put(bucket, "x.csv", b"newer")
    new, old = store.versions(bucket, "x.csv").versions
    assert (new.size_bytes, new.is_latest) == (5, True)
    assert (old.size_bytes, old.is_latest) == (3, False)
    assert store.keeps_versions(bucket)
    assert store.read(bucket, "x.csv", length=9, version=old.id) == b"old"
    assert store.head(bucket, "x.csv", version=old.id).size_bytes == 3


@pytest.mark.parametrize("size", [0, 11, 11 * 2**20])
def test_a_stream_of_any_size_arrives(
    store: ObjectStore, bucket: str, size: int
) -> None:
    content: IO[bytes] = io.BytesIO(b"x" * size)
    store.put_stream(bucket, "big", content)
    assert store.head(bucket, "big").size_bytes == size


def test_an_upload_that_was_cancelled_is_over(store: ObjectStore, bucket: str) -> None:
    upload = store.start_upload(bucket, "big.bin", content_type="x/y")
    with pytest.raises(errors.ObjectNotFound):
        store.head(bucket, "big.bin")
    store.abort_upload(bucket, "big.bin", upload)
    with pytest.raises(errors.UploadNotFound):
        store.complete_upload(bucket, "big.bin", upload, [Part(1, '"0123"')])


def test_a_bucket_goes_whole(store: ObjectStore, make_bucket: MakeBucket) -> None:
    bucket = make_bucket()
    store.put(bucket, "x", b"1")
    store.put(bucket, "x", b"2")
    store.delete(bucket, ["x"])
    store.put(bucket, "y/z", b"2")
    store.delete_bucket(bucket)
    store.delete_bucket(bucket)
    store.create_bucket(bucket)
    assert store.list_keys(bucket, "").objects == []
    assert store.versions(bucket, "").versions == []


def test_a_file_has_its_own_history_whatever_lies_beside_it(
    store: ObjectStore, bucket: str
) -> None:
    for key in ("cases.csv", "cases.csv.gz", "cases.csv/part", "cases.csv.txt"):
        store.put(bucket, key, b"x")
    store.put(bucket, "cases.csv", b"newer")
    store.delete(bucket, ["cases.csv"])
    found = store.versions_of(bucket, "cases.csv")
    assert [one.is_deletion for one in found.versions] == [True, False, False]
    assert {one.key for one in found.versions} == {"cases.csv"}
    first = store.versions_of(bucket, "cases.csv", limit=1)
    assert [one.is_latest for one in first.versions] == [True]
    assert (found.next, first.next is None) == (None, False)
    assert store.versions_of(bucket, "cases").versions == []


def test_a_history_goes_on_page_by_page(store: ObjectStore, bucket: str) -> None:
    for number in range(7):
        for _ in range(2):
            store.put(bucket, f"v/{number}", b"x")
    store.delete(bucket, ["v/3"])
    seen: list[Version] = []
    after: str | None = ""
    while after is not None:
        page = store.versions(bucket, "v/", after=after, limit=4)
        seen += page.versions
        after = page.next
    assert len({(one.key, one.id) for one in seen}) == len(seen) == 15
    assert [one.key for one in seen] == sorted(one.key for one in seen)
    (deletion,) = [one for one in seen if one.is_deletion]
    assert (deletion.key, deletion.is_latest) == ("v/3", True)


def test_a_copy_replaces_only_what_it_may(store: ObjectStore, bucket: str) -> None:
    store.put(bucket, "new", b"new", content_type="x/y")
    store.put(bucket, "there", b"there")
    here = {"to_bucket": bucket, "to_key": "there"}
    with pytest.raises(errors.ObjectExists):
        store.copy(bucket, "new", **here)
    with pytest.raises(errors.ObjectChanged):
        store.copy(bucket, "new", **here, replacing="0" * 32)
    with pytest.raises(errors.ObjectChanged):
        store.copy(bucket, "new", **here, replacing=ANYTHING, etag="0" * 32)
    assert store.read(bucket, "there", length=9) == b"there"
    seen = store.head(bucket, "there").etag
    made = store.copy(bucket, "new", **here, replacing=seen)
    facts = store.head(bucket, "there")
    assert (facts.etag, facts.version) == (made.etag, made.version)
    assert facts.content_type == "x/y"
    old = store.versions(bucket, "there").versions[1]
    store.copy(bucket, "there", **here, version=old.id, replacing=ANYTHING)
    assert store.read(bucket, "there", length=9) == b"there"
    with pytest.raises(errors.ObjectNotFound):
        store.copy(bucket, "nothing", **here)


def test_what_is_forgotten_uncovers_what_was_before(
    store: ObjectStore, bucket: str
) -> None:
    store.put(bucket, "x", b"old")
    store.put(bucket, "x", b"new")
    new = store.head(bucket, "x").version
    for _ in range(2):
        store.forget(bucket, [Marker("x", new)])
    assert store.read(bucket, "x", length=9) == b"old"


def test_a_stream_is_of_one_content(store: ObjectStore, bucket: str) -> None:
    store.put(bucket, "x", b"old")
    etag = store.head(bucket, "x").etag
    assert b"".join(store.stream(bucket, "x", etag=etag)) == b"old"
    store.put(bucket, "x", b"new")
    with pytest.raises(errors.ObjectChanged):
        list(store.stream(bucket, "x", etag=etag))
