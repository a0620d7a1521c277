"""Versions of a file, the trash of a folder, and where a missing file may be."""

import json
import unicodedata
from typing import Any, Literal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hexa.backends.storage.store import ObjectStore
from hexa.files.models import Change, Drive
from hexa.files.queries import history
from hexa.foundation.models import AuditEvent
from tests.foreign import Foreign, connect, without_versions

pytestmark = pytest.mark.django_db

KEY = "a b/é 50% #1.csv"


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


@pytest.mark.parametrize("is_own", [True, False])
def test_an_old_version_is_looked_at_as_any_file_is(
    drive: Drive,
    files: str,
    objects: ObjectStore,
    editor: Client,
    foreign: Foreign,
    is_own: bool,
) -> None:
    """In our own bucket, and in one whose bytes pass through here."""
    store = objects if is_own else foreign.store
    one = drive if is_own else connect(foreign, workspace=drive.workspace)
    contents = {"a.csv": "a,b\n1,old\n", "a.md": "# Old", "a.png": "old"}
    for key, old in contents.items():
        store.put(one.bucket, key, old.encode())
        store.put(one.bucket, key, b"a,b\n2,new\n")
    there = store.versions(one.bucket, "").versions
    ids = {version.key: version.id for version in there if not version.is_latest}
    # A reader of ours would ask a server, which does not run here.
    order = {"order": "asc:b"} if is_own else {}

    def then(verb: str, key: str) -> Any:
        told = {"version": ids[key], **order}
        return editor.get(f"{files}/{verb}/{one.name}/{key}", told)

    listed = editor.get(f"{files}/versions/{one.name}/a.csv").content.decode()
    assert f"{files}/version/{one.name}/a.csv?version={ids['a.csv']}" in listed
    page = then("version", "a.csv")
    assert "This is an old version" in page.content.decode()
    assert page.context["table_rows"] == [[("1", True), ("old", False)]]
    # The grid asks on for the same version.
    assert f"version={ids['a.csv']}" in page.context["rows_url"]
    assert then("rows", "a.csv").json()["rows"] == [["1", "old"]]
    assert "Old</h1>" in then("version", "a.md").context["prose"]
    image = then("version", "a.png").context["preview"].link
    assert ids["a.png"] in image
    # What is there now is shown at its own address, whatever the query says.
    now = editor.get(one.url_of("a.csv"), {"version": ids["a.csv"]})
    assert now.context["table_rows"] == [[("2", True), ("new", False)]]
    unknown = editor.get(f"{files}/version/{one.name}/a.csv", {"version": "0" * 32})
    assert unknown.status_code == 404
    seen = page.context["now"].id
    restore = {"path": "a.csv", "version": ids["a.csv"], "seen": seen}
    editor.post(f"{files}/restore/{one.name}/", restore)
    assert store.read(one.bucket, "a.csv", length=99) == b"a,b\n1,old\n"


def test_a_bucket_without_versions_asks_before_it_loses_anything(
    drive: Drive, files: str, objects: ObjectStore, editor: Client, foreign: Foreign
) -> None:
    plain = without_versions(foreign, drive.workspace)
    bucket = plain.bucket
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
    foreign.store.delete_bucket(bucket)


def test_what_is_replaced_for_good_is_typed(
    drive: Drive, files: str, editor: Client, foreign: Foreign
) -> None:
    """By a move, by an ordinary form, and by the island, whole and in parts."""
    plain = without_versions(foreign, drive.workspace)
    name = unicodedata.normalize("NFD", "été.csv")
    typed = unicodedata.normalize("NFC", name)
    there, bucket = foreign.store, plain.bucket

    def holds() -> bytes:
        return there.read(bucket, name, length=99)

    def replaced() -> int:
        about = {"action": "file.replaced_for_good", "subject": f"{plain.name}/{name}"}
        return AuditEvent.objects.filter(**about).count()

    there.put(bucket, name, b"old")
    there.put(bucket, f"in/{name}", b"moved")
    move = f"{files}/move/{plain.name}/"
    sent = {"path": f"in/{name}", "to": f"{plain.name}/"}
    page = editor.post(move, sent)
    assert "gone for good" in page.content.decode()
    agreed = {**sent, "if_taken": "replace", "seen": page.context["seen"]}
    for confirm in ("", "other.csv"):
        page = editor.post(move, {**agreed, "confirm": confirm})
        assert page.status_code == 409
        assert ("not the same" in page.content.decode()) == bool(confirm)
        assert (holds(), replaced()) == (b"old", 0)
    # Nobody who keeps both needs to type.
    copy = {**sent, "if_taken": "keep-both", "seen": page.context["seen"]}
    assert editor.post(f"{files}/copy/{plain.name}/", copy).status_code == 302
    assert holds() == b"old"
    assert editor.post(move, {**agreed, "confirm": typed}).status_code == 302
    assert (holds(), replaced()) == (b"moved", 1)

    def form(content: bytes, confirm: str) -> str:
        file = SimpleUploadedFile(name, content)
        told = {"file": file, "if_taken": "replace", "confirm": confirm}
        page = editor.post(f"{files}/upload/{plain.name}/", told, follow=True)
        return page.content.decode()

    assert "was not replaced" in form(b"by form", "")
    assert (holds(), replaced()) == (b"moved", 1)
    assert "was not replaced" not in form(b"by form", typed)
    assert (holds(), replaced()) == (b"by form", 2)

    def offered(size: int, **more: object) -> dict[str, Any]:
        wish = {"name": name, "size": size, "modified": 1, **more}
        url = f"{files}/uploads/offer/{plain.name}/"
        asked = json.dumps({"wishes": [wish]})
        answer = editor.post(url, asked, content_type="application/json")
        found: dict[str, Any] = answer.json()["files"][0]
        return found

    taken = offered(3)
    assert (taken["how"], taken["kept"]) == ("taken", False)
    etag = taken["etag"]
    for confirmed in ("", "other.csv"):
        assert offered(3, replaces=etag, confirmed=confirmed)["how"] == "taken"
    assert replaced() == 2
    assert offered(3, replaces=etag, confirmed=typed)["how"] == "whole"
    large = 9 * 2**20
    assert offered(large, replaces=etag)["how"] == "taken"
    assert offered(large, replaces=etag, confirmed=typed)["how"] == "parts"
    assert replaced() == 4
    there.delete_bucket(bucket)
