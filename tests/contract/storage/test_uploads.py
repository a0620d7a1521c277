"""What arrives is what was sent, and takes the place of nothing unseen."""

import base64
import datetime as dt
import hashlib
import io

import pytest

from hexa.backends.storage import errors
from hexa.backends.storage.store import ObjectStore, Part
from tests.contract.storage.conftest import MakeBucket, Server
from tests.contract.storage.test_links import SOON, through_the_door


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def checked(content: bytes) -> dict[str, str]:
    return {"Content-MD5": base64.b64encode(bytes.fromhex(md5(content))).decode()}


def test_a_part_altered_on_the_way_is_refused(
    server: Server, store: ObjectStore, bucket: str
) -> None:
    upload = store.start_upload(bucket, "x")
    link = store.link_to_put_part(bucket, "x", upload, 1, lifetime=SOON)
    status, answer, _ = through_the_door(
        server, "PUT", link, b"altxred", checked(b"altered")
    )
    assert (status, b"<Code>BadDigest</Code>" in answer) == (400, True)
    assert store.stored_parts(bucket, "x", upload) == []
    link = store.link_to_put(bucket, "y", lifetime=SOON)
    assert through_the_door(server, "PUT", link, b"a", checked(b"b"))[0] == 400
    assert through_the_door(server, "PUT", link, b"b", checked(b"b"))[0] == 200


def test_the_store_tells_which_parts_it_has(
    server: Server, store: ObjectStore, bucket: str
) -> None:
    upload = store.start_upload(bucket, "x")
    for number, content in [(3, b"c"), (1, b"wrong"), (1, b"a" * 5 * 2**20)]:
        link = store.link_to_put_part(bucket, "x", upload, number, lifetime=SOON)
        assert through_the_door(server, "PUT", link, content)[0] == 200
    found = store.stored_parts(bucket, "x", upload)
    assert [part.number for part in found][-1] == 3
    kept = {(part.number, part.etag, part.size_bytes) for part in found}
    whole = b"a" * 5 * 2**20
    assert {(1, md5(whole), len(whole)), (3, md5(b"c"), 1)} <= kept
    made = store.complete_upload(
        bucket, "x", upload, [Part(1, md5(whole)), Part(3, md5(b"c"))]
    )
    assert store.read(bucket, "x", start=len(whole) - 1, length=9) == b"ac"
    assert store.head(bucket, "x").etag == made.etag
    with pytest.raises(errors.UploadNotFound):
        store.stored_parts(bucket, "x", upload)


def test_an_upload_replaces_only_what_it_may(
    server: Server, store: ObjectStore, bucket: str
) -> None:
    upload = store.start_upload(bucket, "x")
    link = store.link_to_put_part(bucket, "x", upload, 1, lifetime=SOON)
    through_the_door(server, "PUT", link, b"mine")
    parts = [Part(1, md5(b"mine"))]
    store.put(bucket, "x", b"theirs")
    with pytest.raises(errors.ObjectExists):
        store.complete_upload(bucket, "x", upload, parts, replacing=None)
    with pytest.raises(errors.ObjectChanged):
        store.complete_upload(bucket, "x", upload, parts, replacing=md5(b"older"))
    assert store.read(bucket, "x", length=9) == b"theirs"
    seen = store.head(bucket, "x").etag
    made = store.complete_upload(bucket, "x", upload, parts, replacing=seen)
    assert store.head(bucket, "x").version == made.version
    assert [one.size_bytes for one in store.versions(bucket, "x").versions] == [4, 6]


def test_a_link_replaces_only_what_it_may(
    server: Server, store: ObjectStore, bucket: str
) -> None:
    def put(replacing: str | None, content: bytes, *, is_honest: bool = True) -> int:
        link = store.link_to_put(bucket, "x", lifetime=SOON, replacing=replacing)
        headers = store.condition(replacing) if is_honest else {}
        return through_the_door(server, "PUT", link, content, headers)[0]

    assert put(None, b"first") == 200
    assert put(None, b"second") == 412
    assert put(None, b"second", is_honest=False) == 403
    assert put(md5(b"another"), b"second") == 412
    assert put(store.head(bucket, "x").etag, b"second") == 200
    assert store.read(bucket, "x", length=9) == b"second"


@pytest.mark.parametrize("size", [3, 9 * 2**20])
def test_a_stream_replaces_only_what_it_may(
    store: ObjectStore, bucket: str, size: int
) -> None:
    store.put(bucket, "x", b"theirs")
    content = b"x" * size
    with pytest.raises(errors.ObjectExists):
        store.put_stream(bucket, "x", io.BytesIO(content), replacing=None)
    with pytest.raises(errors.ObjectChanged):
        store.put_stream(bucket, "x", io.BytesIO(content), replacing=md5(b"older"))
    assert store.read(bucket, "x", length=9) == b"theirs"
    made = store.put_stream(
        bucket, "x", io.BytesIO(content), replacing=store.head(bucket, "x").etag
    )
    facts = store.head(bucket, "x")
    assert (facts.size_bytes, facts.version) == (size, made.version)


def test_a_link_that_ran_out_says_so(
    server: Server, store: ObjectStore, bucket: str
) -> None:
    link = store.link_to_put(bucket, "x", lifetime=dt.timedelta(seconds=-1))
    assert through_the_door(server, "PUT", link, b"x")[0] in {400, 403}


def test_the_longest_names_are_names_like_others(
    store: ObjectStore, make_bucket: MakeBucket
) -> None:
    bucket = make_bucket()
    key = f"in/{'é' * 125}x.csv"
    assert len(key.removeprefix("in/").encode()) == 255
    store.put_stream(bucket, key, io.BytesIO(b"a"), replacing=None)
    with pytest.raises(errors.ObjectExists):
        store.put_stream(bucket, key, io.BytesIO(b"b"), replacing=None)
    seen = store.head(bucket, key).etag
    store.put_stream(bucket, key, io.BytesIO(b"b"), replacing=seen)
    assert len(store.versions(bucket, key).versions) == 2
    store.undelete(bucket, store.delete(bucket, [key]))
    assert store.read(bucket, key, length=9) == b"b"
    store.delete_bucket(bucket)
    store.create_bucket(bucket)
    assert store.versions(bucket, "").versions == []
