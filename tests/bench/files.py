"""Bytes and listings, through the platform against the raw store."""

import os
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import boto3
import httpx
import obstore
from botocore.config import Config
from obstore.store import S3Store

from tests.bench.table import Figure, median
from tests.bench.visitor import Visitor
from tests.platforms import Platform

SIZE = 200 * 10**6
PART = 16 * 2**20
KEYS = 10_000
RUNS = 3


def measured(platform: Platform) -> list[Figure]:
    slug = "bytes"
    with Visitor(platform, platform.admin_email, platform.admin_password) as admin:
        admin.make_workspace(slug)
        raw = store_of(platform, slug)
        return [*_transfers(admin, slug), *_explorer(admin, raw, slug)]


def store_of(platform: Platform, bucket: str) -> S3Store:
    place = platform.installation
    return S3Store(
        bucket,
        endpoint=f"http://127.0.0.1:{place.ports.store_s3}",
        region="us-east-1",
        access_key_id=place.secret("store-admin-id"),
        secret_access_key=place.secret("store-admin-secret"),
        virtual_hosted_style_request=False,
        client_options={"allow_http": True},
    )


def _transfers(admin: Visitor, slug: str) -> list[Figure]:
    content = os.urandom(SIZE)
    up_raw = _timed(lambda: _raw_put(admin.platform, slug, content))
    up = _timed(lambda: _upload(admin, slug, content))
    down_raw = _timed(lambda: _drain(_presigned(admin.platform, slug)))
    down = _timed(
        lambda: _drain_through(
            admin, f"/workspaces/{slug}/files/download/s3:{slug}/up.bin"
        )
    )
    megabytes = SIZE / 10**6
    return [
        Figure("200 MB up, raw store in parts", megabytes / up_raw, "MB/s"),
        Figure("200 MB up, through the platform", megabytes / up, "MB/s"),
        Figure("… against raw", up_raw / up, "×", 0.9, "high"),
        Figure("200 MB down, raw store", megabytes / down_raw, "MB/s"),
        Figure("200 MB down, through the platform", megabytes / down, "MB/s"),
        Figure("… against raw", down_raw / down, "×", 0.9, "high"),
    ]


def _timed(act: Callable[[], None]) -> float:
    seconds = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - begun)
    return median(seconds)


def _client(platform: Platform):  # type: ignore[no-untyped-def]  # boto3's own type
    place = platform.installation
    return boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{place.ports.store_s3}",
        region_name="us-east-1",
        aws_access_key_id=place.secret("store-admin-id"),
        aws_secret_access_key=place.secret("store-admin-secret"),
        config=Config(s3={"addressing_style": "path"}, signature_version="s3v4"),
    )


def _raw_put(platform: Platform, bucket: str, content: bytes) -> None:
    """The same parts, one after the other, straight to the store."""
    client = _client(platform)
    upload = client.create_multipart_upload(Bucket=bucket, Key="raw.bin")["UploadId"]
    parts = []
    with httpx.Client(timeout=120) as http:
        for number, start in enumerate(range(0, SIZE, PART), 1):
            url = client.generate_presigned_url(
                "upload_part",
                Params={
                    "Bucket": bucket,
                    "Key": "raw.bin",
                    "UploadId": upload,
                    "PartNumber": number,
                },
            )
            answer = http.put(url, content=content[start : start + PART])
            parts.append({"PartNumber": number, "ETag": answer.headers["ETag"]})
    client.complete_multipart_upload(
        Bucket=bucket,
        Key="raw.bin",
        UploadId=upload,
        MultipartUpload={"Parts": parts},
    )


def _presigned(platform: Platform, bucket: str) -> str:
    url: str = _client(platform).generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": "up.bin"}
    )
    return url


def _drain(url: str) -> None:
    with httpx.stream("GET", url, timeout=120) as answer:
        assert sum(len(chunk) for chunk in answer.iter_raw(2**20)) == SIZE


def _drain_through(admin: Visitor, path: str) -> None:
    with admin.http.stream("GET", path) as answer:
        assert answer.status_code == 200, answer.status_code
        assert sum(len(chunk) for chunk in answer.iter_raw(2**20)) == SIZE


def _upload(admin: Visitor, slug: str, content: bytes) -> None:
    """What `<hexa-upload>` does, with one part at a time as in the raw run."""
    page = admin.http.get(f"/workspaces/{slug}/files/s3:{slug}/")
    uploader = re.search(r"<hexa-upload([^>]*)>", page.text)
    assert uploader
    urls = dict(re.findall(r'(start|part|complete)="([^"]+)"', uploader[1]))
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token
    headers = {"X-CSRFToken": token[1], "Referer": str(page.url)}

    def ask(url: str, body: dict[str, object]) -> dict[str, object]:
        answer = admin.http.post(url, json=body, headers=headers)
        assert answer.is_success, answer.text[:300]
        told: dict[str, object] = answer.json() if answer.content else {}
        return told

    kind = "application/octet-stream"
    started = ask(urls["start"], {"name": "up.bin", "size": SIZE, "type": kind})
    size = int(str(started["part_size"]))
    parts = []
    for number, start in enumerate(range(0, SIZE, size), 1):
        told = ask(urls["part"], {**started, "number": number})
        answer = admin.http.put(str(told["url"]), content=content[start : start + size])
        parts.append({"number": number, "etag": answer.headers["ETag"]})
    ask(urls["complete"], {**started, "parts": parts})


def _explorer(admin: Visitor, raw: S3Store, slug: str) -> list[Figure]:
    """A folder of 10 000 keys, as JupyterLab asks for it."""
    keys = (f"many/{number:05}.csv" for number in range(KEYS))
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda key: obstore.put(raw, key, b"a,b\n1,2\n"), keys))
    listed = _timed(lambda: _list_raw(raw))
    admin.open_lab(slug, "admin")
    url = f"/notebooks/user/admin/{slug}/api/contents/s3%3A{slug}/many?content=1"
    explored = _timed(lambda: _explore(admin, url))
    admin.stop_lab(slug)
    return [
        Figure("10 000 keys: raw obstore", listed, "s"),
        Figure("10 000 keys: explorer", explored, "s", 1.0),
        Figure("… against raw", explored / listed, "×", 2.0),
    ]


def _list_raw(raw: S3Store) -> None:
    found = obstore.list_with_delimiter(raw, "many/")
    assert len(found["objects"]) == KEYS


def _explore(admin: Visitor, url: str) -> None:
    answer = admin.http.get(url)
    assert len(answer.json()["content"]) == KEYS
