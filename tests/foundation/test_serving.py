"""What is sent to browsers takes few bytes, and what they send is bounded."""

import asyncio
import gzip
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.asgi import get_asgi_application
from django.test import Client, RequestFactory
from whitenoise.responders import StaticFile

from hexa.foundation.answers import LARGEST_FORM
from hexa.foundation.serving import StaticFilesMiddleware
from hexa.site.bounded import Bounded

pytestmark = pytest.mark.django_db
PAGE = "/accounts/login/"
STYLES = b"p { color: teal } " * 50


def test_a_page_is_squeezed_for_whom_takes_it_so() -> None:
    plain = Client().get(PAGE)
    small = Client().get(PAGE, headers={"accept-encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert len(small.content) < len(plain.content) / 2
    assert b"</html>" in gzip.decompress(small.content)
    for answer in (plain, small):
        assert "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.parametrize(
    ("asked", "status", "content"),
    [({}, 200, STYLES), ({"range": "bytes=4-9"}, 206, STYLES[4:10])],
)
def test_a_file_of_the_interface_is_answered_whole_or_by_range(
    tmp_path: Path, asked: dict[str, str], status: int, content: bytes
) -> None:
    path = tmp_path / "a.css"
    path.write_bytes(STYLES)
    found = StaticFile(str(path), [("Content-Type", "text/css")])
    request = RequestFactory().get("/static/a.css", headers=asked)
    answer = StaticFilesMiddleware.serve(found, request)
    assert (answer.status_code, answer.content) == (status, content)
    assert not answer.streaming
    assert answer.headers["Content-Type"] == "text/css"


@pytest.mark.parametrize(
    ("length", "status"), [(LARGEST_FORM + 1, 413), (len(b"ab"), 403)]
)
def test_a_form_that_is_too_large_is_refused_before_it_is_kept(
    length: int, status: int
) -> None:
    """The other is one without a token against forgery."""
    arriving = [
        {"type": "http.request", "body": b"a", "more_body": True},
        {"type": "http.request", "body": b"b", "more_body": False},
    ]
    sent: list[Any] = []

    async def receive() -> Any:
        return arriving.pop(0) if arriving else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": PAGE,
        "query_string": b"",
        "headers": [
            (b"host", b"testserver"),
            (b"content-length", str(length).encode()),
            (b"content-type", b"multipart/form-data; boundary=x"),
            (b"accept-language", b"fr"),
        ],
    }
    async_to_sync(Bounded(get_asgi_application()))(scope, receive, send)
    assert arriving == []
    assert sent[0]["status"] == status
    page = b"".join(one.get("body", b"") for one in sent[1:]).decode()
    assert ("2 Go" in page) is (status == 413)
