"""Signed links work through the front door, which takes `/store` away."""

import datetime as dt
import http.client
from collections.abc import Mapping
from urllib.parse import urlsplit

import pytest

from hexa.backends.storage import errors
from hexa.backends.storage.store import ObjectStore, Part
from tests.contract.storage.conftest import Server
from tests.contract.storage.test_objects import NAMES
from tests.google.running import RunningGoogle
from tests.stores import ORIGIN, PUBLIC_URL

SOON = dt.timedelta(minutes=1)
HOST = urlsplit(ORIGIN).netloc


def through_the_door(
    server: Server,
    method: str,
    url: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, bytes, http.client.HTTPMessage]:
    """Sends what the front door would send on; Google has a door of its own."""
    if isinstance(server, RunningGoogle):
        return server.send(method, url, body, headers)
    assert url.startswith(f"{PUBLIC_URL}/")
    parts = urlsplit(url)
    target = f"{parts.path.removeprefix('/store')}?{parts.query}"
    connection = http.client.HTTPConnection("127.0.0.1", server.ports.s3, timeout=10)
    sent = {"X-Forwarded-Host": HOST, **(headers or {})}
    connection.request(method, target, body, sent)
    response = connection.getresponse()
    try:
        return response.status, response.read(), response.headers
    finally:
        connection.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_any_name_is_put_and_got(
    server: Server, store: ObjectStore, bucket: str, name: str
) -> None:
    key = f"a b/{name}"
    link = store.link_to_put(bucket, key, lifetime=SOON)
    assert through_the_door(server, "PUT", link, b"hello")[0] == 200
    link = store.link_to_get(bucket, key, lifetime=SOON, save_as=name)
    status, body, headers = through_the_door(server, "GET", link)
    assert (status, body) == (200, b"hello")
    assert headers["Content-Disposition"].startswith("attachment; filename=")
    inside = store.link_to_get(bucket, key, lifetime=SOON, is_inside=True)
    assert inside.startswith(f"{server.endpoint}/")


def test_parts_are_put_by_links(
    server: Server, store: ObjectStore, bucket: str
) -> None:
    key = "été/big file.bin"
    upload = store.start_upload(bucket, key)
    contents = [b"a" * 5 * 2**20, b"b" * 17]
    parts = []
    for number, content in enumerate(contents, start=1):
        link = store.link_to_put_part(bucket, key, upload, number, lifetime=SOON)
        status, _, headers = through_the_door(server, "PUT", link, content)
        assert status == 200
        parts.append(Part(number, headers["ETag"]))
    with pytest.raises(errors.UploadIncomplete):
        store.complete_upload(bucket, key, upload, [parts[0], Part(2, '"0"')])
    store.complete_upload(bucket, key, upload, parts)
    assert store.head(bucket, key).size_bytes == 5 * 2**20 + 17
    assert store.read(bucket, key, start=5 * 2**20 - 1, length=3) == b"abb"


def test_an_empty_file_is_one_empty_part(
    server: Server, store: ObjectStore, bucket: str
) -> None:
    upload = store.start_upload(bucket, "empty")
    link = store.link_to_put_part(bucket, "empty", upload, 1, lifetime=SOON)
    status, _, headers = through_the_door(server, "PUT", link, b"")
    assert status == 200
    store.complete_upload(bucket, "empty", upload, [Part(1, headers["ETag"])])
    assert store.head(bucket, "empty").size_bytes == 0


def test_a_link_is_for_one_file_one_verb_and_one_minute(
    server: Server, store: ObjectStore, bucket: str
) -> None:
    store.put(bucket, "mine", b"1")
    store.put(bucket, "other", b"2")
    link = store.link_to_get(bucket, "mine", lifetime=SOON)
    assert through_the_door(server, "GET", link.replace("/mine", "/other"))[0] == 403
    assert through_the_door(server, "PUT", link, b"3")[0] == 403
    assert through_the_door(server, "GET", f"{link}&response-content-type=a")[0] == 403
    stale = link.replace("-Expires=60", "-Expires=600")
    assert through_the_door(server, "GET", stale)[0] == 403


def test_only_pages_of_the_platform_may_ask_from_a_browser(
    server: Server, bucket: str
) -> None:
    def preflight(origin: str) -> str | None:
        host = urlsplit(server.endpoint).netloc
        connection = http.client.HTTPConnection(host, timeout=10)
        asked = {"Origin": origin, "Access-Control-Request-Method": "PUT"}
        connection.request("OPTIONS", f"/{bucket}/x", headers=asked)
        response = connection.getresponse()
        response.read()
        connection.close()
        return response.headers["Access-Control-Allow-Origin"]

    assert preflight(ORIGIN) == ORIGIN
    assert preflight("http://evil.example") is None
