"""Rename, move, copy, delete and their undo, where the page waits for them."""

from typing import Any

import pytest
from django.test import Client

from hexa.backends.storage.errors import ObjectNotFound
from hexa.backends.storage.store import ObjectStore
from hexa.files.models import Access, Drive
from hexa.files.queries.store import store_of
from tests.files.keys import fill, holds, keys_of, undo_url
from tests.foreign import Foreign, connect

pytestmark = pytest.mark.django_db

AWKWARD = "é 50% #1+?&=\"x' 🦟.csv"


@pytest.fixture
def team_drive(drive: Drive, foreign: Foreign) -> Drive:
    """A folder of a bucket that is kept in another store."""
    return connect(foreign, workspace=drive.workspace, prefix="team/")


def test_a_file_is_renamed_and_named_back(
    drive: Drive, files: str, objects: ObjectStore, editor: Client
) -> None:
    fill(drive, ["a b/old.csv"])
    etag = objects.head(drive.bucket, "a b/old.csv").etag
    url = f"{files}/rename/{drive.name}/?folder=a b/"
    sent = {"path": "a b/old.csv", "name": AWKWARD, "etag": etag}
    page = editor.post(url, sent, follow=True)
    assert page.redirect_chain[0][0] == drive.url_of("a b/")
    assert keys_of(drive) == [f"a b/{AWKWARD}"]
    assert "Renamed old.csv to" in page.content.decode()
    assert editor.post(undo_url(page)).status_code == 302
    assert keys_of(drive) == ["a b/old.csv"]
    assert editor.post(undo_url(page)).status_code == 404


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [("", 422, ""), ("..", 422, "cannot be the name"), ("old", 409, "already")],
)
def test_a_name_that_cannot_be_is_refused_with_the_form(
    drive: Drive,
    files: str,
    editor: Client,
    name: str,
    status: int,
    words: str,
) -> None:
    fill(drive, ["old"])
    page = editor.post(
        f"{files}/rename/{drive.name}/", {"path": "old", "name": name, "etag": ""}
    )
    assert page.status_code == status
    assert words in page.content.decode()
    assert keys_of(drive) == ["old"]


def test_a_rename_of_what_somebody_changed_is_told_and_not_done(
    drive: Drive, files: str, objects: ObjectStore, editor: Client
) -> None:
    fill(drive, ["x"])
    seen = objects.head(drive.bucket, "x").etag
    objects.put(drive.bucket, "x", b"somebody else's")
    sent = {"path": "x", "name": "y", "etag": seen}
    page = editor.post(f"{files}/rename/{drive.name}/", sent)
    assert page.status_code == 409
    assert "Somebody changed this file" in page.content.decode()
    assert keys_of(drive) == ["x"]


@pytest.mark.parametrize("verb", ["move", "copy"])
@pytest.mark.parametrize("is_here", [True, False])
def test_files_and_folders_go_to_a_folder_of_any_drive_and_back(
    drive: Drive,
    team_drive: Drive,
    files: str,
    objects: ObjectStore,
    editor: Client,
    verb: str,
    is_here: bool,
) -> None:
    tree = ["in/a.csv", "in/deep/b.csv", "in/deep/er/c.csv", "one.csv"]
    fill(drive, tree)
    objects.make_folder(drive.bucket, "in/empty/")
    before = keys_of(drive)
    target = drive if is_here else team_drive
    url = f"{files}/{verb}/{drive.name}/"
    ticked = {"path": ["in/", "one.csv", "in/a.csv"]}
    chooser = editor.post(url, ticked, follow=True)
    assert chooser.status_code == 200
    assert "and 2 more" in chooser.content.decode()
    page = editor.post(url, {**ticked, "to": f"{target.name}/to/"}, follow=True)
    assert page.status_code == 200
    moved = [f"to/{key}" for key in before]
    assert [key for key in keys_of(target) if key.startswith("to/")] == moved
    assert holds(target, "to/in/deep/b.csv") == "in/deep/b.csv"
    left = [key for key in keys_of(drive) if not key.startswith("to/")]
    assert left == (before if verb == "copy" else [])
    assert editor.post(undo_url(page)).status_code == 302
    assert keys_of(drive) == before
    assert keys_of(team_drive) == []
    # No empty folder stays behind.
    assert store_of(drive).list_page(drive.bucket).folders == ["in/"]


def test_what_is_copied_into_its_own_folder_gets_a_number(
    drive: Drive, files: str, editor: Client
) -> None:
    fill(drive, ["a.csv", "b/x"])
    sent = {"path": ["a.csv", "b/"], "to": drive.name}
    for _ in range(2):
        assert editor.post(f"{files}/copy/{drive.name}/", sent).status_code == 302
    assert keys_of(drive) == [
        "a (2).csv", "a (3).csv", "a.csv", "b (2)/x", "b (3)/x", "b/x",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "to", "words"),
    [
        ("in/", "in/deep/", "cannot go into itself"),
        ("in/x", "in/", "in this folder already"),
        ("in/x", "s3://no-such-bucket/", "no such drive"),
        ("in/x", "nonsense", "not the address of a folder"),
    ],
)
def test_a_place_where_it_cannot_go_is_refused_with_the_choice(
    drive: Drive,
    files: str,
    editor: Client,
    path: str,
    to: str,
    words: str,
) -> None:
    fill(drive, ["in/x", "in/deep/y"])
    to = f"{drive.name}/{to}" if to.startswith("in") else to
    page = editor.post(f"{files}/move/{drive.name}/", {"path": path, "to": to})
    assert page.status_code in {404, 409, 422}
    assert words in page.content.decode()
    assert keys_of(drive) == ["in/deep/y", "in/x"]


def taken(editor: Client, url: str, sent: dict[str, Any]) -> str:
    """Asks; what the page says of what stands there."""
    page = editor.post(url, sent)
    assert page.status_code == 409
    assert "Keep both" in page.content.decode()
    return str(page.context["seen"])


def test_nothing_is_replaced_unasked(
    drive: Drive, files: str, objects: ObjectStore, editor: Client
) -> None:
    fill(drive, ["a.csv", "to/a.csv"])
    url = f"{files}/move/{drive.name}/"
    sent = {"path": "a.csv", "to": f"{drive.name}/to/"}
    seen = taken(editor, url, sent)
    assert keys_of(drive) == ["a.csv", "to/a.csv"]
    # Between the question and the answer somebody writes there: it is asked again.
    objects.put(drive.bucket, "to/a.csv", b"somebody else's")
    again = {**sent, "if_taken": "replace", "seen": seen}
    seen = taken(editor, url, again)
    page = editor.post(url, {**again, "seen": seen}, follow=True)
    assert holds(drive, "to/a.csv") == "a.csv"
    assert keys_of(drive) == ["to/a.csv"]
    kept = objects.versions(drive.bucket, "to/a.csv").versions
    assert [one.size_bytes for one in kept] == [5, 15, 8]
    editor.post(undo_url(page))
    assert holds(drive, "to/a.csv") == "somebody else's"
    assert holds(drive, "a.csv") == "a.csv"


def test_both_can_be_kept(drive: Drive, files: str, editor: Client) -> None:
    fill(drive, ["a.tar/x", "to/a.tar/x", "f", "to/f/g"])
    url, sent = (
        f"{files}/move/{drive.name}/",
        {"path": ["a.tar/", "f"], "to": f"{drive.name}/to/"},
    )
    seen = taken(editor, url, sent)
    editor.post(url, {**sent, "if_taken": "keep-both", "seen": seen})
    # A file never takes the place of a folder: nobody is asked about that.
    assert keys_of(drive) == [
        "to/a.tar (2)/x",
        "to/a.tar/x",
        "to/f (2)",
        "to/f/g",
    ]


def test_undoing_leaves_what_somebody_changed_since(
    drive: Drive, files: str, objects: ObjectStore, editor: Client
) -> None:
    fill(drive, ["in/a", "in/b"])
    sent = {"path": "in/", "to": f"{drive.name}/to/"}
    page = editor.post(f"{files}/move/{drive.name}/", sent, follow=True)
    objects.put(drive.bucket, "to/in/a", b"newer")
    told = editor.post(undo_url(page), follow=True).content.decode()
    assert "1 file was left as it is" in told
    assert keys_of(drive) == ["in/a", "in/b", "to/in/a"]
    assert holds(drive, "to/in/a") == "newer"


def test_a_drive_for_reading_gives_copies_and_keeps_its_files(
    drive: Drive, team_drive: Drive, files: str, editor: Client
) -> None:
    fill(drive, ["x"])
    drive.access = Access.READ
    drive.save()
    sent = {"path": "x", "to": team_drive.name}
    assert editor.post(f"{files}/move/{drive.name}/", sent).status_code == 409
    assert editor.post(f"{files}/copy/{drive.name}/", sent).status_code == 302
    assert keys_of(team_drive) == ["x"]


def test_a_missing_source_is_told_before_anything_is_done(
    drive: Drive, files: str, objects: ObjectStore, editor: Client
) -> None:
    fill(drive, ["x"])
    sent = {"path": ["x", "gone.csv"], "to": f"{drive.name}/to/"}
    assert editor.post(f"{files}/move/{drive.name}/", sent).status_code == 404
    assert editor.post(f"{files}/move/{drive.name}/", {}).status_code == 422
    assert keys_of(drive) == ["x"]
    with pytest.raises(ObjectNotFound):
        objects.head(drive.bucket, "to/x")
