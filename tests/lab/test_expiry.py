"""Keys that expire under a program that runs: each client asks for new ones itself.

The store knows no keys shorter than 15 minutes, so that these end as the platform ends
those of somebody who lost a role: the store refuses them from one second to the next.
"""

import datetime as dt
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from botocore.exceptions import ClientError
from tests.lab.platform import Platform
from tests.lab.store import Store, bucket_of
from tests.lab.test_from_code import ENVIRONMENT, session  # noqa: F401  # a fixture

LIFE = dt.timedelta(seconds=4)
EXPIRIES = 3
CONTENT = b"district,cas\nKolda,41\n"

#: Made once, used again and again: `read()` gives the bytes of ADDRESS.
CLIENTS = {
    "boto3": """
        import boto3
        client = boto3.client("s3")
        read = lambda: client.get_object(Bucket=BUCKET, Key=KEY)["Body"].read()
    """,
    "s3fs": """
        import s3fs
        files = s3fs.S3FileSystem()
        read = lambda: files.cat_file(ADDRESS)
    """,
    "pandas": """
        import pandas
        read = lambda: pandas.read_csv(ADDRESS).to_csv(index=False).encode()
    """,
    "pyarrow": """
        from pyarrow import fs
        files, path = fs.FileSystem.from_uri(ADDRESS)
        def read():
            with files.open_input_stream(path) as source:
                return source.read()
    """,
    "obstore": """
        import obstore
        from obstore.store import S3Store
        bucket = S3Store(BUCKET)
        read = lambda: bytes(obstore.get(bucket, KEY).bytes())
    """,
    "duckdb": """
        import duckdb, fsspec
        duckdb.register_filesystem(fsspec.filesystem("s3"))
        def read():
            rows = duckdb.sql(f"FROM read_text('{ADDRESS}')").fetchall()
            return rows[0][1].encode()
    """,
}
LOOP = """
import textwrap, time
BUCKET, KEY, ADDRESS, SECONDS = {bucket!r}, {key!r}, {address!r}, {seconds}
exec(textwrap.dedent({client!r}))
end = time.monotonic() + SECONDS
while time.monotonic() < end:
    assert read() == {content!r}
    time.sleep(0.5)
"""


def test_a_program_outlives_the_keys_it_began_with(
    drive: str,
    store: Store,
    platform: Platform,
    session: dict[str, str],  # noqa: F811
) -> None:
    bucket, key = bucket_of(drive), "data/cas.csv"
    store.put(bucket, key, CONTENT)
    platform.key_life = LIFE

    def run(client: str) -> "subprocess.CompletedProcess[bytes]":
        code = LOOP.format(
            bucket=bucket,
            key=key,
            address=f"s3://{bucket}/{key}",
            seconds=(EXPIRIES + 1) * LIFE.total_seconds(),
            client=CLIENTS[client],
            content=CONTENT,
        )
        command = [str(ENVIRONMENT / "bin" / "python"), "-c", code]
        return subprocess.run(command, env=session, capture_output=True, check=False)

    with ThreadPoolExecutor(len(CLIENTS)) as pool:
        ended = dict(zip(CLIENTS, pool.map(run, CLIENTS), strict=True))
    failed = {
        name: each.stderr.decode()[-2000:]
        for name, each in ended.items()
        if each.returncode
    }
    assert not failed, "\n".join(failed.values())
    assert platform.keys_made > EXPIRIES


def test_keys_that_ended_are_refused_by_the_store(drive: str, store: Store) -> None:
    """Else the test above would pass with clients that never ask again."""
    bucket = bucket_of(drive)
    store.put(bucket, "a.csv", CONTENT)
    key = store.mint({bucket: "read"}, session="ends")
    client = boto3.client(
        "s3",
        endpoint_url=store.endpoint,
        region_name="us-east-1",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        aws_session_token=key["SessionToken"],
    )
    assert client.get_object(Bucket=bucket, Key="a.csv")["Body"].read() == CONTENT
    store.shut_out([bucket], "ends")
    time.sleep(1)
    with pytest.raises(ClientError, match="AccessDenied"):
        client.get_object(Bucket=bucket, Key="a.csv")
