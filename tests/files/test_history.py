"""Versions of a file, the trash of a folder, and where a missing file may be."""

import unicodedata
from dataclasses import replace
from typing import Literal

import boto3
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hexa.backends.storage.store import ObjectStore
from hexa.files.models import Change, Drive
from hexa.files.queries import history
from hexa.workspaces.models import Role, Workspace
from tests.conftest import SignedIn
from tests.foreign import Foreign, connect
from tests.makers import make_member

pytestmark = pytest.mark.django_db

KEY = "a b/é 50% #1.csv"


@pytest.fixture
def files(workspace: Workspace) -> str:
    return f"/workspaces/{workspace.slug}/files"


@pytest.fixture
def editor(workspace: Workspace, signed_in: SignedIn) -> Client:
    return signed_in(make_member(workspace, role=Role.EDITOR))


def text_of(objects: ObjectStore, drive: Drive, key: str) -> bytes:
    return objects.read(drive.bucket, key, length=99)


def test_an_older_version_is_shown_downloaded_and_restored(
    drive: Drive, files: str, objects: ObjectStore, editor: Client
) -> None:
    editor.post(
        f"{files}/upload/{drive.name}/?folder=a b/",
        {"file": SimpleUploadedFile(KEY.rpartition("/")[2], b"older")},
    )
    objects.put(drive.bucket, KEY, b"now!")
    url = f"{files}/versions/{drive.name}/{KEY.replace('%', '%25').replace('#', '%23')}"
    page = editor.get(url)
    now, older = page.context["history"].held
    assert (now.version.size_bytes, now.who) == (4, "")
    # By the audit log; what a program wrote is not in it.
    assert older.version.size_bytes == 5
    assert older.who.startswith("Editor")
    download = editor.get(
        page.context["download_url"], {"version": older.version.id}
    ).headers["Location"]
    assert older.version.id in download
    sent = {"path": KEY, "version": older.version.id, "seen": "not what is there"}
    assert editor.post(f"{files}/restore/{drive.name}/", sent).status_code == 409
    assert text_of(objects, drive, KEY) == b"now!"
    sent["seen"] = now.version.id
    page = editor.post(f"{files}/restore/{drive.name}/", sent, follow=True)
    assert text_of(objects, drive, KEY) == b"older"
    held = page.context["history"].held
    assert [one.version.size_bytes for one in held] == [5, 4, 5]
    assert editor.post(f"{files}/restore/{drive.name}/", sent).status_code == 409


def test_a_moved_file_leads_to_its_older_versions(
    drive: Drive, files: str, objects: ObjectStore, editor: Client
) -> None:
    objects.put(drive.bucket, "in/x.csv", b"older")
    objects.put(drive.bucket, "in/x.csv", b"now!")
    sent = {"path": "in/", "to": f"{drive.name}/to/"}
    editor.post(f"{files}/move/{drive.name}/", sent)
    page = editor.get(f"{files}/versions/{drive.name}/to/in/x.csv")
    assert page.context["came_from"] == f"s3://{drive.bucket}/in/x.csv"
    assert page.context["history"].held[0].who.startswith("Editor")
    before = editor.get(page.context["came_from_url"]).context["history"].held
    assert [one.version.size_bytes for one in before] == [0, 4, 5]
    # It did not go to the trash.
    assert editor.get(f"{files}/trash/{drive.name}/").context["files"] == []
    # And who comes by the old address is led to the new one.
    missing = editor.get(drive.url_of("in/x.csv"))
    assert missing.status_code == 404
    assert missing.context["moved_to"] == [
        (f"s3://{drive.bucket}/to/in/x.csv", drive.url_of("to/in/x.csv"))
    ]


def test_the_trash_has_what_anybody_deleted_by_any_way(
    drive: Drive, files: str, objects: ObjectStore, editor: Client
) -> None:
    for key in (KEY, "a b/c/d.csv", "a b/kept", "other"):
        objects.put(drive.bucket, key, key.encode())
    editor.post(f"{files}/delete/{drive.name}/", {"path": "a b/c/"})
    objects.delete(drive.bucket, [KEY, "other"])
    objects.put(drive.bucket, "other", b"anew")
    trash = f"{files}/trash/{drive.name}/"
    page = editor.get(f"{trash}a b/")
    assert [one.key for one in page.context["files"]] == ["a b/c/d.csv", KEY]
    assert len(page.context["deletions"]) == 1
    assert [one.key for one in editor.get(trash).context["files"]] == [
        "a b/c/d.csv",
        KEY,
    ]
    url = f"{files}/put-back/{drive.name}/"
    assert editor.post(url, {"path": []}).status_code == 422
    back = editor.post(url, {"path": [KEY, "a b/kept", "other"]}, follow=True)
    assert "1 file is back" in back.content.decode()
    assert text_of(objects, drive, KEY) == KEY.encode()
    assert text_of(objects, drive, "a b/kept") == b"a b/kept"
    assert text_of(objects, drive, "other") == b"anew"
    change = Change.objects.get()
    editor.post(f"{files}/undo/{change.pk}/")
    assert text_of(objects, drive, "a b/c/d.csv") == b"a b/c/d.csv"
    page = editor.get(trash)
    assert (page.context["files"], page.context["deletions"]) == ([], [])


def test_the_trash_goes_on_page_by_page(
    drive: Drive,
    files: str,
    objects: ObjectStore,
    editor: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(history, "SCANNED", 3)
    for key in ("a", "b", "z"):
        objects.put(drive.bucket, key, b"x")
    for _ in range(20):
        objects.put(drive.bucket, "kept", b"")
    objects.delete(drive.bucket, ["a", "b", "z"])
    seen, pages, url = [], 0, f"{files}/trash/{drive.name}/"
    while url:
        page = editor.get(url)
        seen += [one.key for one in page.context["files"]]
        pages, url = pages + 1, page.context["next_url"]
    assert (seen, pages) == (["a", "b", "z"], 2)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_that_looks_the_same_is_suggested(
    drive: Drive, objects: ObjectStore, editor: Client, form: Literal["NFC", "NFD"]
) -> None:
    there = "a/" + unicodedata.normalize(form, "Données été.csv")
    asked = unicodedata.normalize("NFD" if form == "NFC" else "NFC", there)
    objects.put(drive.bucket, there, b"x")
    page = editor.get(drive.url_of(asked))
    assert page.status_code == 404
    assert page.context["similar"] == [(there, drive.url_of(there))]
    assert (
        editor.get(drive.url_of("a/DONNEES ETE.csv")).context["similar"][0][0] == there
    )


def test_a_deleted_file_is_said_to_be_in_the_trash(
    drive: Drive, objects: ObjectStore, editor: Client
) -> None:
    objects.put(drive.bucket, "gone.csv", b"x")
    objects.delete(drive.bucket, ["gone.csv"])
    page = editor.get(drive.url_of("gone.csv"))
    assert page.context["is_in_trash"]
    assert editor.get(page.context["trash_url"]).context["files"][0].key == "gone.csv"


def test_a_bucket_without_versions_asks_before_it_loses_anything(
    drive: Drive, files: str, objects: ObjectStore, editor: Client, foreign: Foreign
) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=foreign.endpoint,
        aws_access_key_id=foreign.key.id,
        aws_secret_access_key=foreign.key.secret,
        region_name="us-east-1",
    )
    bucket = f"{foreign.bucket}-plain"
    client.create_bucket(Bucket=bucket)
    plain = connect(replace(foreign, bucket=bucket), workspace=drive.workspace)
    foreign.store.put(bucket, "x.csv", b"x")
    url = f"{files}/delete/{plain.name}/"
    page = editor.post(url, {"path": "x.csv"})
    assert page.status_code == 409
    assert "keeps no versions" in page.content.decode()
    page = editor.post(url, {"path": "x.csv", "confirm": "y.csv"})
    assert "not the same" in page.content.decode()
    assert foreign.store.read(bucket, "x.csv", length=9) == b"x"
    # A move loses nothing, and goes back by carrying everything back.
    sent = {"path": "x.csv", "to": f"{drive.name}/to/"}
    assert editor.post(f"{files}/move/{plain.name}/", sent).status_code == 302
    assert foreign.store.list_keys(bucket, "").objects == []
    editor.post(f"{files}/undo/{Change.objects.get().pk}/")
    assert foreign.store.read(bucket, "x.csv", length=9) == b"x"
    assert objects.list_keys(drive.bucket, "").objects == []
    editor.post(url, {"path": "x.csv", "confirm": "x.csv"})
    assert foreign.store.list_keys(bucket, "").objects == []
    versions = editor.get(f"{files}/versions/{plain.name}/x.csv").content.decode()
    assert "keeps no versions" in versions
    client.delete_bucket(Bucket=bucket)
