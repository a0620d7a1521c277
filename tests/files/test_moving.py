"""Rename, move, copy, delete and their undo: small at once, large as a job."""

import itertools
import re
from collections.abc import Sequence
from typing import Any

import pytest
from django.test import Client

from hexa.backends.storage.errors import ObjectNotFound
from hexa.backends.storage.s3 import S3
from hexa.backends.storage.store import ObjectStore
from hexa.files import tasks
from hexa.files.actions import changes, chunks
from hexa.files.models import Access, Change, ChangedChunk, ChangeState, Drive
from hexa.files.queries.store import store_of
from hexa.foundation.models import AuditEvent
from hexa.workspaces.models import Role, Workspace
from tests.conftest import SignedIn
from tests.foreign import Foreign, connect
from tests.makers import make_member, make_workspace, membership_of

pytestmark = pytest.mark.django_db

AWKWARD = "é 50% #1+?&=\"x' 🦟.csv"


@pytest.fixture
def files(workspace: Workspace) -> str:
    return f"/workspaces/{workspace.slug}/files"


@pytest.fixture
def editor(workspace: Workspace, signed_in: SignedIn) -> Client:
    return signed_in(make_member(workspace, role=Role.EDITOR))


@pytest.fixture
def team_drive(drive: Drive, foreign: Foreign) -> Drive:
    """A folder of a bucket that is kept in another store."""
    return connect(foreign, workspace=drive.workspace, prefix="team/")


def fill(drive: Drive, keys: Sequence[str]) -> None:
    for key in keys:
        store_of(drive).put(drive.bucket, key, key.encode())


def keys_of(drive: Drive) -> list[str]:
    """In the order of the bytes, which is not that of every store."""
    return sorted(
        one.key for one in store_of(drive).list_keys(drive.bucket, "").objects
    )


def holds(drive: Drive, key: str) -> str:
    return store_of(drive).read(drive.bucket, key, length=999).decode()


def undo_url(page: Any) -> str:
    match = re.search(r'action="([^"]*/files/undo/[^"]+)"', page.content.decode())
    assert match, "no undo is offered"
    return match[1].replace("&amp;", "&")


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


@pytest.mark.parametrize("verb", ["rename", "move", "copy", "zip"])
@pytest.mark.parametrize(("role", "status"), [(Role.VIEWER, 403), (None, 404)])
def test_others_move_nothing(
    drive: Drive,
    files: str,
    signed_in: SignedIn,
    verb: str,
    role: str | None,
    status: int,
) -> None:
    fill(drive, ["x"])
    if role is None:
        person = make_member(make_workspace(), role=Role.ADMIN)
    else:
        person = make_member(drive.workspace, role=role)
    sent = {"path": "x", "name": "y", "to": f"{drive.name}/to/"}
    answer = signed_in(person).post(f"{files}/{verb}/{drive.name}/", sent)
    # Reading, a viewer may.
    assert answer.status_code == (302 if verb == "zip" and role else status)
    assert keys_of(drive) == ["x"]


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


# --- Large ones


@pytest.fixture
def many(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A folder of more files than are moved while the page waits, in four chunks."""
    monkeypatch.setattr(changes, "SMALL", 10)
    monkeypatch.setattr(chunks, "PER_CHUNK", dict.fromkeys(chunks.PER_CHUNK, 8))
    keys = [f"many/{number:03}" for number in range(30)]
    fill(drive, keys)
    return keys


def work(change: Change, *, chunks_at_most: int | None = None) -> None:
    """As the worker does: in turns, each from what the database says."""
    turns = 0
    while chunks_at_most is None or turns < chunks_at_most:
        turns += 1
        if chunks.carry_on(Change.objects.get(pk=change.pk), for_seconds=0):
            break
    change.refresh_from_db()


@pytest.mark.parametrize("verb", ["move", "copy", "delete"])
def test_what_is_large_is_a_job_that_is_shown_and_can_be_undone(
    drive: Drive,
    files: str,
    editor: Client,
    many: list[str],
    verb: str,
) -> None:
    sent = {"path": "many/", "to": f"{drive.name}/to/"}
    page = editor.post(f"{files}/{verb}/{drive.name}/?folder=", sent, follow=True)
    change = Change.objects.get()
    assert change.state == ChangeState.WAITING
    shown = page.content.decode()
    assert "counting the files" in shown
    assert f"/files/stop/{change.pk}/" in shown
    assert keys_of(drive) == many
    work(change, chunks_at_most=2)
    assert (change.state, change.done, change.found) == ("running", 16, 30)
    fragment = editor.get(
        drive.get_absolute_url(), headers={"HX-Request": "true", "HX-Target": "changes"}
    )
    assert "16 of 30 files" in fragment.content.decode()
    assert "HX-Trigger" not in fragment.headers
    work(change)
    assert (change.state, change.done, change.left) == ("done", 30, 0)
    moved = [f"to/{key}" for key in many]
    expected = {"move": moved, "copy": many + moved, "delete": []}
    assert keys_of(drive) == expected[verb]
    fragment = editor.get(
        drive.get_absolute_url(), headers={"HX-Request": "true", "HX-Target": "changes"}
    )
    assert fragment.headers["HX-Trigger"] == "hexa-changed"
    assert editor.post(undo_url(fragment)).status_code == 302
    undoing = Change.objects.get(kind="undo")
    assert undoing.is_open
    tasks.carry_on(str(undoing.pk))
    assert keys_of(drive) == many
    assert AuditEvent.objects.filter(action="file.undone").count() == 1


class Killed(BaseException):
    """What ends a worker asks nobody."""


def dying(monkeypatch: pytest.MonkeyPatch, verb: str, *, after: int) -> None:
    """The worker dies right after the store has done this so many times."""
    done, really = itertools.count(1), getattr(S3, verb)

    def last(self: S3, *given: Any, **options: Any) -> Any:
        answer = really(self, *given, **options)
        if next(done) == after:
            raise Killed
        return answer

    monkeypatch.setattr(S3, verb, last)


@pytest.mark.parametrize(("verb", "after"), [("copy", 3), ("delete", 1)])
def test_a_job_goes_on_where_a_worker_died(
    drive: Drive,
    files: str,
    editor: Client,
    many: list[str],
    monkeypatch: pytest.MonkeyPatch,
    verb: str,
    after: int,
) -> None:
    sent = {"path": "many/", "to": f"{drive.name}/to/"}
    editor.post(f"{files}/move/{drive.name}/", sent)
    change = Change.objects.get()
    work(change, chunks_at_most=1)
    with monkeypatch.context() as killing:
        dying(killing, verb, after=after)
        with pytest.raises(Killed):
            work(change)
    assert ChangedChunk.objects.filter(is_done=False).count() == 1
    changes.go_on_with_abandoned()
    work(change)
    assert (change.state, change.done, change.left) == ("done", 30, 0)
    assert keys_of(drive) == [f"to/{key}" for key in many]
    page = editor.get(drive.get_absolute_url())
    editor.post(undo_url(page))
    work(Change.objects.get(kind="undo"))
    assert keys_of(drive) == many


def test_a_job_can_be_stopped_and_what_it_did_undone(
    drive: Drive, files: str, editor: Client, many: list[str]
) -> None:
    editor.post(f"{files}/delete/{drive.name}/", {"path": "many/"})
    change = Change.objects.get()
    work(change, chunks_at_most=1)
    assert editor.post(f"{files}/stop/{change.pk}/").status_code == 302
    work(change)
    assert (change.state, change.done) == ("stopped", 8)
    assert keys_of(drive) == many[8:]
    page = editor.get(drive.get_absolute_url())
    assert "stopped" in page.content.decode()
    editor.post(undo_url(page))
    work(Change.objects.get(kind="undo"))
    assert keys_of(drive) == many


def test_a_job_leaves_what_somebody_changes_under_it(
    drive: Drive, files: str, objects: ObjectStore, editor: Client, many: list[str]
) -> None:
    sent = {"path": "many/", "to": f"{drive.name}/to/"}
    editor.post(f"{files}/move/{drive.name}/", sent)
    change = Change.objects.get()
    objects.put(drive.bucket, "to/many/003", b"there since")
    work(change)
    assert (change.state, change.done, change.left) == ("done", 29, 1)
    assert holds(drive, "to/many/003") == "there since"
    assert keys_of(drive)[0] == many[3]
    assert holds(drive, many[3]) == many[3]


def test_a_job_ends_with_the_role_it_was_begun_under(
    drive: Drive, files: str, signed_in: SignedIn, many: list[str]
) -> None:
    person = make_member(drive.workspace, role=Role.EDITOR)
    signed_in(person).post(f"{files}/delete/{drive.name}/", {"path": "many/"})
    membership = membership_of(person, drive.workspace)
    membership.role = Role.VIEWER
    membership.save()
    change = Change.objects.get()
    work(change)
    assert (change.state, change.problem) == ("failed", "PERMISSION_DENIED")
    assert keys_of(drive) == many


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
