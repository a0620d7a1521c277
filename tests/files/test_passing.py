"""Files of a connected bucket: their bytes pass through the platform, by ranges."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from django.urls import reverse

from hexa.files import actions
from hexa.files.models import Drive
from hexa.files.queries import passing, preview
from hexa.files.queries.looks import Look
from hexa.files.queries.store import store_of
from hexa.workspaces.models import Role, Workspace
from tests.conftest import SignedIn
from tests.foreign import Foreign, place_at
from tests.makers import TESTS, make_member

pytestmark = pytest.mark.django_db

CONTENT = bytes(range(256)) * 40


def whole(answer: Any) -> bytes:
    async def gathered() -> bytes:
        return b"".join([piece async for piece in answer.streaming_content])

    content: bytes = (
        answer.content if not answer.streaming else async_to_sync(gathered)()
    )
    return content


@pytest.fixture
def connected(workspace: Workspace, foreign: Foreign) -> Drive:
    foreign.store.put(foreign.bucket, "a.png", CONTENT)
    by = make_member(workspace, role=Role.ADMIN)
    drive = actions.connect(workspace, place_at(foreign), by=by)
    drive.workspace = workspace
    return drive


RANGES = [
    ("", 200, slice(None), None),
    ("bytes=10-19", 206, slice(10, 20), "bytes 10-19/10240"),
    ("bytes=10200-", 206, slice(10200, None), "bytes 10200-10239/10240"),
    ("bytes=-5", 206, slice(-5, None), "bytes 10235-10239/10240"),
    ("bytes=20000-", 416, slice(0, 0), "bytes */10240"),
    ("lines=1-2", 200, slice(None), None),
]


def test_a_browser_gets_the_ranges_it_asks_for_from_our_own_origin(
    connected: Drive, signed_in: SignedIn
) -> None:
    viewer: Client = signed_in(make_member(connected.workspace, role=Role.VIEWER))
    facts = store_of(connected).head(connected.bucket, "a.png")
    seen = preview.preview(connected, facts, by=TESTS, look=Look())
    here = [connected.workspace.slug, connected.name, "a.png"]
    assert seen.link == reverse("files_content", args=here)
    for asked, status, span, told in RANGES:
        answer = viewer.get(seen.link, headers={"Range": asked} if asked else {})
        assert (answer.status_code, answer.get("Content-Range")) == (status, told)
        assert whole(answer) == CONTENT[span]
        if status != 416:
            assert answer["Content-Type"] == "image/png"
            assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_a_drawing_is_a_picture_in_which_nothing_runs(
    drive: Drive, signed_in: SignedIn
) -> None:
    store = store_of(drive)
    store.put(drive.bucket, "a.svg", b"<svg onload='evil()'/>")
    store.put(drive.bucket, "a.html", b"<script>evil()</script>")
    viewer: Client = signed_in(make_member(drive.workspace, role=Role.VIEWER))
    kinds = {"a.svg": "image/svg+xml", "a.html": "application/octet-stream"}
    for name, kind in kinds.items():
        here = [drive.workspace.slug, drive.name, name]
        answer = viewer.get(reverse("files_content", args=here))
        assert answer["Content-Type"] == kind
        assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_a_link_for_a_reader_names_one_content_of_one_object(
    connected: Drive, foreign: Foreign, client: Client
) -> None:
    facts = store_of(connected).head(connected.bucket, "a.png")
    link = urlsplit(passing.link_inside(connected, facts)).path
    answer = client.get(link, headers={"Range": "bytes=1-2"})
    assert answer.status_code == 206
    head = client.head(link)
    assert head["Content-Length"] == str(len(CONTENT))
    assert client.get(f"{link}x").status_code == 404
    then = passing.link_inside(connected, facts, version=facts.version)
    foreign.store.put(foreign.bucket, "a.png", b"another content")
    assert client.get(link).status_code == 404
    assert whole(client.get(urlsplit(then).path)) == CONTENT
