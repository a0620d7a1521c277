"""What is sent to browsers takes few bytes."""

import gzip
from pathlib import Path

import pytest
from django.test import Client, RequestFactory
from whitenoise.responders import StaticFile

from hexa.foundation.serving import StaticFilesMiddleware

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
