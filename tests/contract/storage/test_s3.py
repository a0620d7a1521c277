"""What is so of S3 only."""

import hashlib
import io

import pytest

from hexa.backends.storage import errors
from hexa.backends.storage.store import ObjectStore, Part
from tests.contract.storage.test_links import SOON, through_the_door
from tests.stores import RunningStore

SERVERS = ["seaweedfs"]


def test_a_large_copy_goes_in_parts(server: RunningStore, bucket: str) -> None:
    store = server.connect()
    store.put_stream(
        bucket, "big", io.BytesIO(b"0123456789a" * 2**20), content_type="x/y"
    )
    copied = {"to_bucket": bucket, "to_key": "copy", "at_once": 2**20}
    made = store.copy(bucket, "big", **copied)  # type: ignore[arg-type] # its names
    assert made.etag.endswith("-3")
    facts = store.head(bucket, "copy")
    assert (facts.size_bytes, facts.content_type) == (11 * 2**20, "x/y")
    assert store.read(bucket, "copy", start=11 * 2**20 - 4, length=9) == b"789a"
    with pytest.raises(errors.ObjectExists):
        store.copy(bucket, "big", **copied)  # type: ignore[arg-type] # its names


def test_a_bucket_whose_versioning_was_suspended_can_be_deleted(
    server: RunningStore,
) -> None:
    """What is deleted there leaves a marker that SeaweedFS cannot be rid of."""
    store, bucket = server.connect(), "suspended"
    store.create_bucket(bucket)
    store.put(bucket, "a.csv", b"a version")
    store._s3.put_bucket_versioning(  # noqa: SLF001 # an owner's act, none of ours
        Bucket=bucket, VersioningConfiguration={"Status": "Suspended"}
    )
    for key in ("a.csv", "b/c.csv", "d.csv"):
        store.put(bucket, key, b"x")
    store.delete(bucket, ["b/c.csv", "d.csv"])
    store.delete_bucket(bucket)
    with pytest.raises(errors.BucketNotFound):
        store.list_page(bucket)


def test_the_etag_of_an_upload_follows_from_its_parts(
    server: RunningStore, store: ObjectStore, bucket: str
) -> None:
    """By which one who did not hear the answer knows that the object is theirs."""
    upload = store.start_upload(bucket, "x")
    contents = [b"a" * 5 * 2**20, b"c"]
    digests = [hashlib.md5(one, usedforsecurity=False) for one in contents]
    for number, content in enumerate(contents, 1):
        link = store.link_to_put_part(bucket, "x", upload, number, lifetime=SOON)
        assert through_the_door(server, "PUT", link, content)[0] == 200
    parts = [Part(number, one.hexdigest()) for number, one in enumerate(digests, 1)]
    made = store.complete_upload(bucket, "x", upload, parts)
    whole = hashlib.md5(
        b"".join(one.digest() for one in digests), usedforsecurity=False
    )
    assert made.etag == f"{whole.hexdigest()}-2"
