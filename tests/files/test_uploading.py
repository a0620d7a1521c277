"""Files on their way in, as a browser sends them, to the real store."""

import base64
import hashlib
import http.client
import json
import unicodedata
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from hexa.backends.storage.errors import ObjectNotFound, UploadNotFound
from hexa.backends.storage.store import ObjectStore
from hexa.files import actions, tasks
from hexa.files.actions.offers import LARGEST_FILE, MOST_PARTS, SMALLEST_PART
from hexa.files.models import Drive, Upload
from hexa.foundation.models import AuditEvent
from hexa.site.settings import installation
from hexa.workspaces.models import Role, Workspace
from tests.conftest import SignedIn
from tests.makers import TESTS, make_member, membership_of

pytestmark = pytest.mark.django_db

SIZE = SMALLEST_PART + 1000
CONTENT = b"a" * SMALLEST_PART + b"b" * 1000
JSON = {"Accept": "application/json"}
Say = Callable[..., Any]


@pytest.fixture
def person(workspace: Workspace) -> Any:
    return make_member(workspace, role=Role.EDITOR)


@pytest.fixture
def say(files: str, drive: Drive, person: Any, signed_in: SignedIn) -> Say:
    client = signed_in(person)

    def say(verb: str, *, by: Client = client, folder: str = "", **body: Any) -> Any:
        of_drive = f"{drive.name}/?folder={folder}"
        about = of_drive if verb in {"check", "offer", "stored"} else ""
        url = f"{files}/uploads/{verb}/{about}"
        return by.post(
            url, json.dumps(body), content_type="application/json", headers=JSON
        )

    return say


def offered(say: Say, name: str, size: int, **more: Any) -> Any:
    folder = more.pop("folder", "")
    wish = {"name": name, "size": size, "modified": 7, **more}
    return say("offer", folder=folder, wishes=[wish]).json()["files"][0]


def put(link: dict[str, Any], content: bytes, promised: bytes | None = None) -> int:
    """As the browser does, through what the front door does; the status."""
    parts = urlsplit(link["url"])
    connection = http.client.HTTPConnection("127.0.0.1", installation.ports.store_s3)
    target = f"{parts.path.removeprefix('/store')}?{parts.query}"
    sum_ = hashlib.md5(promised or content, usedforsecurity=False).digest()
    headers = {
        "X-Forwarded-Host": parts.netloc,
        "Content-MD5": base64.b64encode(sum_).decode(),
        **link["headers"],
    }
    connection.request("PUT", target, content, headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def send_parts(say: Say, ticket: Any, *numbers: int) -> list[dict[str, Any]]:
    """The parts of CONTENT that were asked for; as `complete` wants to hear of them."""
    sent = []
    for number in numbers:
        step = ticket["part_size"]
        piece = CONTENT[(number - 1) * step : number * step]
        link = say("part", upload=ticket["upload"], number=number, sent=0).json()
        assert put(link, piece) == 200
        sent.append({"number": number, "etag": md5(piece)})
    return sent


def test_part_sizes_hold_what_s3_allows() -> None:
    for size in (0, 1, SMALLEST_PART, 2**31, 10**12, LARGEST_FILE):
        part = actions.part_bytes(size)
        assert part % 2**20 == 0
        assert 5 * 2**20 <= part <= 5 * 2**30
        assert part * MOST_PARTS >= size
    assert actions.part_bytes(2**31) == SMALLEST_PART
    assert actions.part_bytes(LARGEST_FILE) == 583 * 2**20


@pytest.mark.parametrize("size", [0, 3, SMALLEST_PART])
def test_a_small_file_goes_in_one_request(
    say: Say, drive: Drive, objects: ObjectStore, size: int
) -> None:
    link = offered(say, "relevés.bin", size, folder="2026/")
    assert (link["how"], link["key"]) == ("whole", "2026/relevés.bin")
    assert put(link, b"x" * size, promised=b"other") == 400
    assert put(link, b"x" * size) == 200
    assert put(link, b"y" * size) == 412
    told = say("stored", keys=[link["key"], "not there"]).json()
    assert told == {"sizes": {"2026/relevés.bin": size}}
    assert objects.head(drive.bucket, "2026/relevés.bin").size_bytes == size
    events = AuditEvent.objects.filter(subject=f"{drive.name}/2026/relevés.bin")
    assert [one.action for one in events] == ["file.uploaded"]


def test_a_large_file_goes_in_parts(
    say: Say, drive: Drive, objects: ObjectStore
) -> None:
    ticket = offered(say, "big.bin", SIZE, type="x/y")
    assert (ticket["how"], ticket["stored"]) == ("parts", [])
    parts = send_parts(say, ticket, 2, 1)
    parts.reverse()
    done = say("complete", upload=ticket["upload"], parts=parts).json()
    assert done == {"how": "done", "key": "big.bin", "size": SIZE}
    facts = objects.head(drive.bucket, "big.bin")
    assert (facts.size_bytes, facts.content_type) == (SIZE, "x/y")
    # Who did not hear the answer asks again.
    assert say("complete", upload=ticket["upload"], parts=parts).json() == done
    Upload.objects.visible_to(TESTS).update(finished_at=None)
    assert say("complete", upload=ticket["upload"], parts=parts).json() == done
    assert len(objects.versions(drive.bucket, "big.bin").versions) == 1


def test_what_did_not_arrive_whole_does_not_appear(
    say: Say, drive: Drive, objects: ObjectStore
) -> None:
    ticket = offered(say, "big.bin", SIZE)
    first = send_parts(say, ticket, 1)
    wrong = [*first, {"number": 2, "etag": md5(b"never sent")}]
    for parts in (first, wrong):
        answer = say("complete", upload=ticket["upload"], parts=parts)
        assert (answer.status_code, answer.json()["code"]) == (409, "UPLOAD_INCOMPLETE")
    with pytest.raises(ObjectNotFound):
        objects.head(drive.bucket, "big.bin")
    parts = [*first, *send_parts(say, ticket, 2)]
    assert say("complete", upload=ticket["upload"], parts=parts).json()["how"] == "done"


def test_links_of_parts_that_follow_are_given_at_once(
    say: Say, drive: Drive, objects: ObjectStore
) -> None:
    ticket = offered(say, "big.bin", SIZE)
    first = say("part", upload=ticket["upload"], number=1, sent=0, ahead=[2]).json()
    (second,) = first.pop("ahead")
    assert first.keys() == second.keys()
    with_the_ticket = dict(ticket["first"])
    assert list(with_the_ticket) == [1, 2]
    pieces = [CONTENT[:SMALLEST_PART], CONTENT[SMALLEST_PART:]]
    for links in ([first, second], list(with_the_ticket.values())):
        for link, piece in zip(links, pieces, strict=True):
            assert put(link, piece) == 200
    parts = [
        {"number": number, "etag": md5(piece)} for number, piece in enumerate(pieces, 1)
    ]
    assert say("complete", upload=ticket["upload"], parts=parts).json()["how"] == "done"
    assert objects.head(drive.bucket, "big.bin").size_bytes == SIZE


def test_the_same_file_goes_on_where_it_was(
    say: Say, drive: Drive, files: str, person: Any, signed_in: SignedIn
) -> None:
    ticket = offered(say, "big.bin", SIZE)
    send_parts(say, ticket, 1)
    say("part", upload=ticket["upload"], number=2, sent=SMALLEST_PART)
    page = signed_in(person).get(f"{files}/{drive.name}/").content.decode()
    assert f'data-unfinished="{ticket["upload"]}"' in page
    again = offered(say, "big.bin", SIZE)
    assert again["upload"] == ticket["upload"]
    whole = CONTENT[:SMALLEST_PART]
    assert again["stored"] == [[1, md5(whole), SMALLEST_PART]]
    assert [number for number, _ in again["first"]] == [2]
    # From another page, where only the upload is known; but not with another file.
    resumed = say("resume", upload=ticket["upload"], size=SIZE).json()
    assert resumed["stored"] == again["stored"]
    other = say("resume", upload=ticket["upload"], size=SIZE - 1)
    assert (other.status_code, other.json()["code"]) == (409, "NOT_THE_FILE")
    for begun in (
        offered(say, "big.bin", SIZE, modified=8),
        offered(say, "big.bin", SIZE + 1),
        offered(say, "BIG.bin", SIZE),
    ):
        assert begun["upload"] != ticket["upload"]


def test_an_upload_the_store_forgot_begins_anew(
    say: Say, drive: Drive, objects: ObjectStore
) -> None:
    ticket = offered(say, "big.bin", SIZE)
    begun = Upload.objects.visible_to(TESTS).get(pk=ticket["upload"])
    objects.abort_upload(drive.bucket, "big.bin", begun.store_upload)
    assert say("resume", upload=ticket["upload"], size=SIZE).status_code == 404
    assert offered(say, "big.bin", SIZE)["upload"] != ticket["upload"]


@pytest.mark.parametrize("size", [3, SIZE])
def test_nothing_is_overwritten_unseen(
    say: Say, drive: Drive, objects: ObjectStore, size: int
) -> None:
    objects.put(drive.bucket, "x.csv", b"theirs")
    taken = offered(say, "x.csv", size)
    seen = {"how": "taken", "size": 6, "etag": md5(b"theirs"), "kept": True}
    assert {name: taken[name] for name in seen} == seen
    assert offered(say, "x.csv", size, replaces=md5(b"older"))["how"] == "taken"
    assert offered(say, "x.csv", size, replaces=taken["etag"])["how"] != "taken"
    objects.put(drive.bucket, "x (2).csv", b"also theirs")
    assert offered(say, "x.csv", size, beside=True, modified=9)["key"] == "x (3).csv"


def test_a_link_to_replace_is_for_what_was_seen(
    say: Say, drive: Drive, objects: ObjectStore
) -> None:
    objects.put(drive.bucket, "x.csv", b"theirs")
    link = offered(say, "x.csv", 4, replaces=md5(b"theirs"))
    objects.put(drive.bucket, "x.csv", b"theirs, changed")
    assert put(link, b"mine") == 412
    link = offered(say, "x.csv", 4, replaces=md5(b"theirs, changed"))
    assert put(link, b"mine") == 200
    assert [
        one.size_bytes for one in objects.versions(drive.bucket, "x.csv").versions
    ] == [4, 15, 6]


def test_who_comes_later_is_told_and_chooses(
    say: Say, drive: Drive, objects: ObjectStore
) -> None:
    def arrived(name: str) -> tuple[str, list[dict[str, Any]]]:
        ticket = offered(say, name, SIZE)
        parts = send_parts(say, ticket, 1, 2)
        objects.put(drive.bucket, name, b"theirs")
        told = say("complete", upload=ticket["upload"], parts=parts).json()
        assert (told["how"], told["size"]) == ("taken", 6)
        return ticket["upload"], parts

    upload, parts = arrived("replaced.bin")
    chosen = {"replaces": md5(b"theirs")}
    done = say("complete", upload=upload, parts=parts, **chosen).json()
    assert (done["how"], done["key"]) == ("done", "replaced.bin")
    sizes = [
        one.size_bytes
        for one in objects.versions(drive.bucket, "replaced.bin").versions
    ]
    assert sizes == [SIZE, 6]

    upload, parts = arrived("both.bin")
    done = say("complete", upload=upload, parts=parts, beside=True).json()
    assert (done["how"], done["key"], done["size"]) == ("done", "both (2).bin", SIZE)
    assert objects.read(drive.bucket, "both.bin", length=9) == b"theirs"
    assert objects.read(drive.bucket, "both (2).bin", start=SIZE - 2, length=9) == b"bb"
    assert say("complete", upload=upload, parts=parts).json() == done

    upload, parts = arrived("gone.bin")
    objects.delete(drive.bucket, ["gone.bin"])
    chosen = {"replaces": md5(b"theirs")}
    done = say("complete", upload=upload, parts=parts, **chosen).json()
    assert (done["how"], done["key"]) == ("done", "gone.bin")


def test_names_are_kept_as_they_are(
    say: Say, drive: Drive, objects: ObjectStore
) -> None:
    composed = "été à Lomé.csv"
    names = [
        composed,
        unicodedata.normalize("NFD", composed),
        "50%25 #1 + why?.csv",
        "‘quotes’ \"double\" 'single'.csv",
        "Case.csv",
        "case.csv",
        f"{'x' * 251}.csv",
        "tree/of folders/deep é/a.csv",
    ]
    wishes = [{"name": name, "size": len(name)} for name in names]
    links = say("offer", folder="in/", wishes=wishes).json()["files"]
    for name, link in zip(names, links, strict=True):
        assert put(link, b"x" * len(name)) == 200
    told = say("stored", keys=[link["key"] for link in links]).json()["sizes"]
    assert told == {f"in/{name}": len(name) for name in names}
    found = {one.key for one in objects.list_keys(drive.bucket, "in/").objects}
    assert found == {f"in/{name}" for name in names}


def test_bad_names_are_told_before_anything_is_sent(say: Say) -> None:
    names = ["good.csv", "a\\b", "x/../y", "fine/x", "x.versions"]
    told = say("check", names=names, total=5).json()["refused"]
    assert set(told) == {"a\\b", "x/../y", "x.versions"}
    assert "cannot be the name" in told["a\\b"]


def test_what_does_not_fit_is_told_before_it_is_sent(say: Say) -> None:
    answer = say("check", names=["x"], total=2**60 - 1)
    assert (answer.status_code, answer.json()["code"]) == (409, "STORE_FULL")
    refused = offered(say, "x", LARGEST_FILE - 1)
    assert (refused["how"], "has no room" in refused["message"]) == ("refused", True)
    refused = offered(say, "x", LARGEST_FILE + 1)
    assert (refused["how"], "5 TB" in refused["message"]) == ("refused", True)


def test_a_store_that_ran_full_is_told_and_what_arrived_is_kept(
    say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = offered(say, "big.bin", SIZE)
    parts = send_parts(say, ticket, 1)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("django.conf.settings.DATA", Path("/proc"))  # has no room
        refused = say("part", upload=ticket["upload"], number=2, sent=SMALLEST_PART)
    assert (refused.status_code, refused.json()["code"]) == (409, "STORE_FULL")
    assert "What has arrived is kept" in refused.json()["message"]
    parts += send_parts(say, ticket, 2)
    assert say("complete", upload=ticket["upload"], parts=parts).json()["how"] == "done"


def test_an_upload_belongs_to_who_started_it(
    say: Say, drive: Drive, signed_in: SignedIn
) -> None:
    ticket = offered(say, "x", SIZE)
    upload = {"upload": ticket["upload"]}
    other = signed_in(make_member(drive.workspace, role=Role.ADMIN))
    verbs = {"part": {"number": 1}, "cancel": {}, "resume": {"size": SIZE}}
    for verb, more in verbs.items():
        assert say(verb, by=other, **upload, **more).status_code == 404
    assert say("cancel", **upload).status_code == 204
    for verb, more in verbs.items():
        assert say(verb, **upload, **more).status_code == 404


def test_an_upload_ends_with_the_right_to_it(
    say: Say, drive: Drive, person: Any
) -> None:
    ticket = offered(say, "x", SIZE)
    membership = membership_of(person, drive.workspace)
    membership.role = Role.VIEWER
    membership.save()
    assert say("part", upload=ticket["upload"], number=1).status_code == 403
    assert say("resume", upload=ticket["upload"], size=SIZE).status_code == 403
    assert (
        say(
            "complete", upload=ticket["upload"], parts=[{"number": 1, "etag": "0"}]
        ).status_code
        == 403
    )


def test_one_is_discarded_without_javascript(
    say: Say,
    drive: Drive,
    files: str,
    person: Any,
    signed_in: SignedIn,
    objects: ObjectStore,
) -> None:
    ticket = offered(say, "x.bin", SIZE, folder="2026/")
    begun = Upload.objects.visible_to(TESTS).get(pk=ticket["upload"])
    form = {"upload": ticket["upload"]}
    response = signed_in(person).post(f"{files}/uploads/discard/", form)
    assert response["Location"] == drive.url_of("2026/")
    with pytest.raises(UploadNotFound):
        objects.stored_parts(drive.bucket, begun.key, begun.store_upload)


def test_what_nobody_comes_back_to_is_thrown_away_after_a_week(
    say: Say, drive: Drive, objects: ObjectStore
) -> None:
    def begun(name: str, days: float) -> Upload:
        ticket = offered(say, name, SIZE)
        found = Upload.objects.visible_to(TESTS).get(pk=ticket["upload"])
        found.seen_at = timezone.now() - timedelta(days=days)
        found.save()
        return found

    old, recent = begun("old.bin", 7.1), begun("recent.bin", 6.9)
    tasks.abort_abandoned_uploads(0)
    assert list(Upload.objects.visible_to(TESTS)) == [recent]
    with pytest.raises(UploadNotFound):
        objects.stored_parts(drive.bucket, old.key, old.store_upload)
    assert objects.stored_parts(drive.bucket, recent.key, recent.store_upload) == []


@pytest.mark.parametrize(
    ("role", "status"), [(Role.VIEWER, 403), (Role.EDITOR, 302), (Role.ADMIN, 302)]
)
def test_only_editors_upload_by_form(
    drive: Drive,
    files: str,
    objects: ObjectStore,
    signed_in: SignedIn,
    role: str,
    status: int,
) -> None:
    client = signed_in(make_member(drive.workspace, role=role))

    def upload(content: bytes, **more: str) -> None:
        file = SimpleUploadedFile("été 50%.csv", content)
        url = f"{files}/upload/{drive.name}/?folder=raw%20data/"
        assert client.post(url, {"file": file, **more}).status_code == status

    upload(b"a,b\n1,2\n")
    upload(b"later")
    upload(b"replacing", if_taken="replace")
    found = {
        one.key: one.size_bytes for one in objects.list_keys(drive.bucket, "").objects
    }
    if status == 403:
        assert found == {}
    else:
        assert found == {"raw data/été 50%.csv": 9, "raw data/été 50% (2).csv": 5}
        history = objects.versions(drive.bucket, "raw data/été 50%.csv").versions
        assert [one.size_bytes for one in history] == [9, 8]


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("offer", {}),
        ("offer", {"wishes": []}),
        ("offer", {"wishes": {}}),
        ("offer", {"wishes": [{"name": "x"}]}),
        ("offer", {"wishes": [{"name": "x", "size": -1}]}),
        ("offer", {"wishes": [{"name": "x", "size": "1"}]}),
        ("offer", {"wishes": [{"name": 7, "size": 1}]}),
        ("offer", {"wishes": [{"name": "x", "size": 1}] * 201}),
        ("check", {"names": [1], "total": 1}),
        ("stored", {"keys": None}),
        ("part", {"upload": "x", "number": 1}),
        ("part", {"upload": "0" * 32, "number": 10_001}),
        ("part", {"upload": "0" * 32, "number": 1, "ahead": [0]}),
        ("part", {"upload": "0" * 32, "number": 1, "ahead": ["2"]}),
        ("part", {"upload": "0" * 32, "number": 1, "ahead": [*range(2, 18)]}),
        ("complete", {"upload": "0" * 32, "parts": [{}]}),
        ("complete", {"upload": "0" * 32, "parts": [{"number": "a", "etag": "b"}]}),
    ],
)
def test_nonsense_is_refused(say: Say, verb: str, body: Any) -> None:
    assert say(verb, **body).status_code == 422
    assert not Upload.objects.visible_to(TESTS).exists()


def test_the_way_through_the_platform_opens_for_the_platform_alone(
    say: Say, drive: Drive, person: Any, signed_in: SignedIn
) -> None:
    """A link of the inside is never told, not even to who may upload."""
    link = offered(say, "x", 1)
    answer = signed_in(person).put(link["through"])
    assert (answer.status_code, answer.content) == (204, b"")
    viewer = signed_in(make_member(drive.workspace, role=Role.VIEWER))
    assert viewer.put(link["through"]).status_code == 403
