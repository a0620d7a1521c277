# mypy: disable-error-code="import-untyped, import-not-found"
"""Run in a kernel's environment: every client reads and writes by the plain address.

python clients.py <bucket>        prints one JSON object: client → what it saw
"""

import io
import json
import os
import sys

import boto3
import obstore.store
import pandas as pd
import polars as pl
import pyarrow.dataset
import pyarrow.fs
import s3fs

from hexakit import Address

BUCKET = sys.argv[1]
NAME = "été #1+2 %.csv"
BIG = os.urandom(1 << 20) * 20


def with_boto3() -> object:
    s3 = boto3.client("s3")
    s3.put_object(Bucket=BUCKET, Key=NAME, Body=b"district,cases\nA,41\n")
    s3.upload_fileobj(io.BytesIO(BIG), BUCKET, "big.bin")
    s3.copy({"Bucket": BUCKET, "Key": "big.bin"}, BUCKET, "copied.bin")
    copied = io.BytesIO()
    s3.download_fileobj(BUCKET, "copied.bin", copied)
    s3.delete_objects(
        Bucket=BUCKET, Delete={"Objects": [{"Key": "big.bin"}, {"Key": "copied.bin"}]}
    )
    return copied.getvalue() == BIG


def with_pandas() -> object:
    read = pd.read_csv(f"s3://{BUCKET}/{NAME}")
    read.to_parquet(f"s3://{BUCKET}/p/x.parquet")
    return int(pd.read_parquet(f"s3://{BUCKET}/p/x.parquet").cases.sum())


def with_s3fs() -> object:
    files = s3fs.S3FileSystem()
    files.pipe(f"{BUCKET}/by-s3fs.txt", b"x")
    files.rm(f"{BUCKET}/by-s3fs.txt")
    return sorted(files.ls(BUCKET)) == [f"{BUCKET}/p", f"{BUCKET}/{NAME}"]


def with_pyarrow() -> object:
    files, path = pyarrow.fs.FileSystem.from_uri(f"s3://{BUCKET}/p")
    with files.open_output_stream(f"{BUCKET}/big.bin") as file:
        file.write(BIG)
    files.delete_file(f"{BUCKET}/big.bin")
    return pyarrow.dataset.dataset(path, filesystem=files).count_rows()


def with_obstore() -> object:
    store = obstore.store.S3Store(BUCKET)
    store.put("by-obstore.txt", b"hi")
    found = bytes(store.get("by-obstore.txt").bytes())
    store.delete("by-obstore.txt")
    return found.decode()


def with_duckdb() -> object:
    names: dict[str, pd.DataFrame] = {}
    exec(Address.of(f"s3://{BUCKET}/p/x.parquet").duckdb_line, names)  # noqa: S102 # as pasted
    return int(names["df"].cases.sum())


def with_polars() -> object:
    read = pl.read_csv(f"s3://{BUCKET}/{NAME}")
    read.write_parquet(f"s3://{BUCKET}/by-polars.parquet")
    found = pl.scan_parquet(f"s3://{BUCKET}/by-polars.parquet").sum().collect()
    boto3.client("s3").delete_object(Bucket=BUCKET, Key="by-polars.parquet")
    return int(found["cases"][0])


def clean() -> None:
    for key in (NAME, "p/x.parquet"):
        boto3.client("s3").delete_object(Bucket=BUCKET, Key=key)


CLIENTS = (
    with_boto3,
    with_pandas,
    with_s3fs,
    with_pyarrow,
    with_obstore,
    with_duckdb,
    with_polars,
)
print(json.dumps({one.__name__[5:]: one() for one in CLIENTS}))  # noqa: T201
clean()
