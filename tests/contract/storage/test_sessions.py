"""Session credentials do exactly what was granted, and end when they are told to."""

import datetime as dt
import http.client
import secrets
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from hexa.backends.storage import policies
from hexa.backends.storage.seaweedfs import ROLE_ARN
from hexa.backends.storage.store import Credentials, Grant, ObjectStore
from tests.contract.storage.conftest import MakeBucket
from tests.stores import RunningStore

SERVERS = ["seaweedfs"]
HOUR = dt.timedelta(hours=1)


def client(server: RunningStore, credentials: Credentials, service: str = "s3") -> Any:
    return boto3.client(
        service,  # type: ignore[call-overload] # chosen by the caller
        endpoint_url=server.endpoint,
        region_name="us-east-1",
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
        aws_session_token=credentials.token,
        config=Config(
            signature_version="s3v4" if service == "s3" else "v4",
            s3={"addressing_style": "path"},
            retries={"total_max_attempts": 1},
        ),
    )


def is_denied(attempt: Callable[[], Any]) -> bool:
    try:
        attempt()
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"] in {401, 403}
    return False


def status_of(url: str) -> int:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    connection.request("GET", f"{parts.path}?{parts.query}")
    try:
        return connection.getresponse().status
    finally:
        connection.close()


def session(store: ObjectStore, *grants: Grant) -> Credentials:
    return store.mint(
        list(grants), session=f"ana-{secrets.token_hex(6)}", lifetime=HOUR
    )


def test_a_writer_writes_and_a_reader_reads(
    server: RunningStore, store: ObjectStore, bucket: str
) -> None:
    writer = client(server, session(store, Grant(bucket, write=True)))
    writer.put_object(Bucket=bucket, Key="données/x.csv", Body=b"1")
    reader = client(server, session(store, Grant(bucket, write=False)))
    assert reader.get_object(Bucket=bucket, Key="données/x.csv")["Body"].read() == b"1"
    assert reader.list_objects_v2(Bucket=bucket)["KeyCount"] == 1
    for attempt in (
        lambda: reader.put_object(Bucket=bucket, Key="y", Body=b"1"),
        lambda: reader.delete_object(Bucket=bucket, Key="données/x.csv"),
        lambda: reader.create_multipart_upload(Bucket=bucket, Key="y"),
        lambda: reader.copy_object(
            Bucket=bucket, Key="y", CopySource=f"{bucket}/données/x.csv"
        ),
    ):
        assert is_denied(attempt)
    writer.delete_object(Bucket=bucket, Key="données/x.csv")


def test_another_bucket_is_out_of_reach(
    server: RunningStore, store: ObjectStore, make_bucket: MakeBucket
) -> None:
    mine, other = make_bucket(), make_bucket()
    store.put(other, "secret", b"1")
    s3 = client(server, session(store, Grant(mine, write=True)))
    for attempt in (
        lambda: s3.list_objects_v2(Bucket=other),
        lambda: s3.get_object(Bucket=other, Key="secret"),
        lambda: s3.put_object(Bucket=other, Key="x", Body=b"1"),
        lambda: s3.copy_object(Bucket=mine, Key="x", CopySource=f"{other}/secret"),
        lambda: s3.delete_bucket(Bucket=other),
        lambda: s3.create_bucket(Bucket=f"evil-{secrets.token_hex(4)}"),
    ):
        assert is_denied(attempt)


def test_another_prefix_is_out_of_reach(
    server: RunningStore, store: ObjectStore, bucket: str
) -> None:
    store.put(bucket, "theirs/x", b"1")
    s3 = client(server, session(store, Grant(bucket, write=True, prefix="mine/")))
    s3.put_object(Bucket=bucket, Key="mine/x", Body=b"1")
    assert s3.list_objects_v2(Bucket=bucket, Prefix="mine/")["KeyCount"] == 1
    for attempt in (
        lambda: s3.get_object(Bucket=bucket, Key="theirs/x"),
        lambda: s3.put_object(Bucket=bucket, Key="mine", Body=b"1"),
        lambda: s3.list_objects_v2(Bucket=bucket, Prefix="theirs/"),
        lambda: s3.list_objects_v2(Bucket=bucket),
    ):
        assert is_denied(attempt)


def test_no_grant_is_no_access(
    server: RunningStore, store: ObjectStore, bucket: str
) -> None:
    s3 = client(server, session(store))
    assert is_denied(lambda: s3.list_objects_v2(Bucket=bucket))
    assert is_denied(lambda: s3.put_object(Bucket=bucket, Key="x", Body=b"1"))


def test_nobody_climbs_from_a_session(
    server: RunningStore, store: ObjectStore, bucket: str
) -> None:
    store.put(bucket, "x", b"1")
    version = store.versions(bucket, "x").versions[0].id
    held = session(store, Grant(bucket, write=True))
    s3, sts = client(server, held), client(server, held, "sts")
    iam = client(server, held, "iam")
    for attempt in (
        lambda: sts.assume_role(RoleArn=ROLE_ARN, RoleSessionName="evil"),
        lambda: sts.get_federation_token(Name="evil"),
        lambda: iam.create_user(UserName="evil"),
        lambda: iam.create_access_key(UserName="platform"),
        lambda: s3.delete_bucket_policy(Bucket=bucket),
        lambda: s3.put_bucket_policy(
            Bucket=bucket,
            Policy=policies.shutting_out(bucket, ["x"], role_arn=ROLE_ARN),
        ),
        lambda: s3.put_bucket_versioning(
            Bucket=bucket, VersioningConfiguration={"Status": "Suspended"}
        ),
        lambda: s3.put_bucket_cors(
            Bucket=bucket,
            CORSConfiguration={
                "CORSRules": [{"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}]
            },
        ),
        lambda: s3.delete_object(Bucket=bucket, Key="x", VersionId=version),
        lambda: s3.delete_bucket(Bucket=bucket),
    ):
        assert is_denied(attempt)
    assert store.read(bucket, "x", length=1) == b"1"


@pytest.mark.parametrize("others", [0, policies.MOST_SHUT_OUT - 1])
def test_a_session_told_to_end_ends_within_a_second(
    server: RunningStore, store: ObjectStore, bucket: str, others: int
) -> None:
    ended = session(store, Grant(bucket, write=True))
    kept = session(store, Grant(bucket, write=True))
    s3, colleague = client(server, ended), client(server, kept)
    s3.put_object(Bucket=bucket, Key="x", Body=b"1")
    signed = s3.generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": "x"}
    )
    assert status_of(signed) == 200
    names = {f"{'o' * 40}.{number:012}" for number in range(others)}
    store.shut_out(bucket, names | {ended.session})
    started = time.monotonic()
    while not is_denied(lambda: s3.get_object(Bucket=bucket, Key="x")):
        assert time.monotonic() - started < 1
    for attempt in (
        lambda: s3.put_object(Bucket=bucket, Key="x", Body=b"2"),
        lambda: s3.list_objects_v2(Bucket=bucket),
        lambda: s3.delete_object(Bucket=bucket, Key="x"),
        lambda: s3.delete_bucket_policy(Bucket=bucket),
    ):
        assert is_denied(attempt)
    assert status_of(signed) == 403
    colleague.put_object(Bucket=bucket, Key="x", Body=b"3")
    assert store.read(bucket, "x", length=1) == b"3"
    store.shut_out(bucket, set())
    store.shut_out(bucket, set())
    assert s3.get_object(Bucket=bucket, Key="x")["Body"].read() == b"3"


def test_too_many_to_name_ends_every_session_but_not_the_platform(
    server: RunningStore, store: ObjectStore, bucket: str
) -> None:
    s3 = client(server, session(store, Grant(bucket, write=True)))
    s3.put_object(Bucket=bucket, Key="x", Body=b"1")
    store.shut_out(
        bucket, {f"o{number}" for number in range(policies.MOST_SHUT_OUT + 1)}
    )
    assert is_denied(lambda: s3.get_object(Bucket=bucket, Key="x"))
    assert store.read(bucket, "x", length=1) == b"1"


def test_a_short_life_is_told_to_the_holder(store: ObjectStore, bucket: str) -> None:
    """The store's shortest is a quarter of an hour; who holds it comes back sooner."""
    minted = store.mint(
        [Grant(bucket, write=False)],
        session=secrets.token_hex(6),
        lifetime=dt.timedelta(seconds=20),
    )
    left = minted.expires_at - dt.datetime.now(dt.UTC)
    assert dt.timedelta(seconds=15) < left <= dt.timedelta(seconds=20)
    assert minted.token not in repr(minted)
