"""Changes of many files: jobs that are shown, stopped, undone, and outlive a worker."""

import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test import Client

from hexa.backends.storage.store import ObjectStore
from hexa.files import tasks
from hexa.files.actions import changes, chunks
from hexa.files.models import Change, ChangedChunk, ChangedPath, ChangeState, Drive
from hexa.files.queries.store import store_of
from hexa.foundation.models import AuditEvent
from hexa.workspaces.models import Role
from tests.conftest import SignedIn
from tests.files.keys import fill, holds, keys_of, undo_url
from tests.makers import make_member, membership_of

pytestmark = pytest.mark.django_db


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


WORKER = """
import sys
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from hexa.files import tasks
tasks.carry_on(sys.argv[2])
"""


def killed_in_the_middle(change: Change, is_there: Callable[[], bool]) -> None:
    """A worker, kill -9'd once the store is so far, before the database knows of it.

    It cannot get ahead of that: the row it would write its progress to is held.
    """
    with transaction.atomic():
        ChangedPath.objects.select_for_update(no_key=True).get(change=change)
        name = connection.settings_dict["NAME"]
        asked = [sys.executable, "-c", WORKER, name, str(change.pk)]
        with subprocess.Popen(asked) as worker:
            while not is_there():
                assert worker.poll() is None, "The worker ended by itself"
                time.sleep(0.1)
            worker.kill()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("least", [1, 100])
def test_a_job_goes_on_where_a_worker_was_killed(
    drive: Drive, files: str, editor: Client, least: int
) -> None:
    """Among the copies of a chunk; and when all of it was moved."""
    keys = [f"many/{number:03}" for number in range(changes.SMALL + 1)]
    fill(drive, keys)
    sent = {"path": "many/", "to": f"{drive.name}/to/"}
    editor.post(f"{files}/move/{drive.name}/", sent)
    change = Change.objects.get()
    place = "to/" if least == 1 else "many/"
    before = 0 if least == 1 else len(keys)
    store = store_of(drive)
    killed_in_the_middle(
        change,
        lambda: (
            abs(len(store.list_keys(drive.bucket, place).objects) - before) >= least
        ),
    )
    assert ChangedChunk.objects.get().is_done is False
    changes.go_on_with_abandoned()
    while change.is_open:  # until the database has noticed that its client is gone
        work(change)
    assert (change.state, change.done, change.left) == ("done", len(keys), 0)
    assert keys_of(drive) == [f"to/{key}" for key in keys]
    page = editor.get(drive.get_absolute_url())
    editor.post(undo_url(page))
    work(Change.objects.get(kind="undo"))
    assert keys_of(drive) == keys


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
