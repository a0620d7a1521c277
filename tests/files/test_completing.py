"""Parts have arrived; meanwhile somebody took the name, in a bucket without versions."""

import hashlib
import http.client
import json
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from hexa.backends.storage.errors import ObjectNotFound
from hexa.files.actions.offers import LINK_LIFE, SMALLEST_PART
from hexa.files.models import Drive, Upload
from hexa.files.queries.store import store_of
from hexa.foundation.models import AuditEvent
from tests.foreign import Foreign, without_versions
from tests.makers import TESTS

pytestmark = pytest.mark.django_db

CONTENT = b"a" * SMALLEST_PART + b"b" * 1000
# As a store holds it, and as a keyboard composes it.
NAME = unicodedata.normalize("NFD", "été.bin")
TYPED = unicodedata.normalize("NFC", NAME)
JSON = "application/json"


@dataclass
class Arrived:
    """All parts are there, and so is `theirs`."""

    plain: Drive
    foreign: Foreign
    complete: Callable[..., Any]

    def theirs(self, content: bytes) -> str:
        """Written, again; its etag."""
        self.foreign.store.put(self.plain.bucket, NAME, content)
        return md5(content)

    @property
    def size(self) -> int:
        return self.foreign.store.head(self.plain.bucket, NAME).size_bytes

    @property
    def audited(self) -> list[str]:
        return list(
            AuditEvent.objects.filter(subject=f"{self.plain.name}/{NAME}")
            .order_by("pk")
            .values_list("action", flat=True)
        )


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def put(url: str, content: bytes) -> None:
    """Straight to the store: what stands between is tested elsewhere."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc)
    connection.request("PUT", f"{parts.path}?{parts.query}", content)
    assert connection.getresponse().status == 200
    connection.close()


@pytest.fixture
def arrived(
    drive: Drive, files: str, editor: Client, foreign: Foreign
) -> Iterator[Arrived]:
    plain = without_versions(foreign, drive.workspace)
    store_of(plain)  # for threads that do not see what this test has not committed

    def say(verb: str, **body: Any) -> Any:
        about = f"{plain.name}/" if verb == "offer" else ""
        url = f"{files}/uploads/{verb}/{about}"
        headers = {"Accept": JSON}
        return editor.post(url, json.dumps(body), content_type=JSON, headers=headers)

    wish = {"name": NAME, "size": len(CONTENT), "modified": 7}
    ticket = say("offer", wishes=[wish]).json()["files"][0]
    upload = Upload.objects.visible_to(TESTS).get(pk=ticket["upload"])
    store, parts = foreign.store, []
    for number in (1, 2):
        piece = CONTENT[(number - 1) * SMALLEST_PART : number * SMALLEST_PART]
        about = (plain.bucket, upload.key, upload.store_upload, number)
        put(store.link_to_put_part(*about, lifetime=LINK_LIFE, is_inside=True), piece)
        parts.append({"number": number, "etag": md5(piece)})

    def complete(**choice: Any) -> Any:
        return say("complete", upload=ticket["upload"], parts=parts, **choice)

    made = Arrived(plain, foreign, complete)
    made.theirs(b"theirs")
    yield made
    for upload in Upload.objects.visible_to(TESTS).unfinished():
        foreign.store.abort_upload(plain.bucket, upload.key, upload.store_upload)
    foreign.store.delete_bucket(plain.bucket)


def test_nothing_is_gone_for_good_before_its_name_was_typed(arrived: Arrived) -> None:
    told = arrived.complete().json()
    seen = {"how": "taken", "size": 6, "kept": False, "beside": False}
    assert {name: told[name] for name in seen} == seen
    for confirmed in ("", "other.bin"):
        choice = {"replaces": told["etag"], "confirmed": confirmed}
        assert arrived.complete(**choice).json() == told
        assert (arrived.size, arrived.audited) == (6, [])
    done = arrived.complete(replaces=told["etag"], confirmed=TYPED).json()
    assert done == {"how": "done", "key": NAME, "size": len(CONTENT)}
    assert arrived.size == len(CONTENT)
    assert arrived.audited == ["file.replaced_for_good", "file.uploaded"]
    # The answer was not heard, and it is told again.
    assert arrived.complete(replaces=told["etag"], confirmed=TYPED).json() == done
    assert arrived.audited == ["file.replaced_for_good", "file.uploaded"]


def test_what_was_typed_is_for_what_was_seen(arrived: Arrived) -> None:
    told = arrived.complete().json()
    etag = arrived.theirs(b"theirs, changed")
    again = arrived.complete(replaces=told["etag"], confirmed=TYPED).json()
    assert (again["how"], again["etag"], again["size"]) == ("taken", etag, 15)
    assert (arrived.size, arrived.audited) == (15, [])
    assert arrived.complete(replaces=etag, confirmed=TYPED).json()["how"] == "done"


@pytest.mark.parametrize("choice", [{}, {"replaces": md5(b"theirs")}])
def test_a_name_that_is_free_again_needs_no_typing(
    arrived: Arrived, choice: dict[str, str]
) -> None:
    assert arrived.complete().json()["how"] == "taken"
    arrived.foreign.store.delete(arrived.plain.bucket, [NAME])
    with pytest.raises(ObjectNotFound):
        _ = arrived.size
    assert arrived.complete(**choice).json()["how"] == "done"
    assert arrived.audited == ["file.uploaded"]


def test_it_cannot_stand_beside_and_its_parts_are_kept(arrived: Arrived) -> None:
    told = arrived.complete().json()
    refused = arrived.complete(beside=True)
    assert (refused.status_code, refused.json()["code"]) == (409, "CANNOT_KEEP_BOTH")
    assert arrived.size == 6
    agreed = {"replaces": told["etag"], "confirmed": TYPED}
    assert arrived.complete(**agreed).json()["how"] == "done"
