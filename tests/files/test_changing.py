import json
from typing import Any

import pytest
from django.test import Client

from hexa.backends.storage.errors import BucketExists, ObjectNotFound
from hexa.backends.storage.store import ObjectStore
from hexa.files.actions.drives import BucketProvisioner
from hexa.files.models import Access, Change, Drive
from hexa.foundation.models import AuditEvent
from hexa.workspaces.models import Role
from tests.conftest import SignedIn
from tests.makers import TESTS, make_member, make_person, make_workspace

pytestmark = pytest.mark.django_db


def say(client: Client, url: str, **body: Any) -> Any:
    return client.post(
        url, json.dumps(body), content_type="application/json", headers=JSON
    )


JSON = {"Accept": "application/json"}


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("uploads/offer/{drive}/", {"wishes": [{"name": "x", "size": 1}]}),
        ("make-folder/{drive}/", {"name": "x"}),
        ("delete/{drive}/", {"path": "kept.csv"}),
        ("rename/{drive}/", {"path": "kept.csv", "name": "y"}),
        ("move/{drive}/", {"path": "kept.csv", "to": "x/"}),
        ("copy/{drive}/", {"path": "kept.csv", "to": "x/"}),
    ],
)
@pytest.mark.parametrize(("role", "status"), [(Role.VIEWER, 403), (None, 404)])
def test_others_change_nothing(
    drive: Drive,
    files: str,
    objects: ObjectStore,
    signed_in: SignedIn,
    role: str | None,
    status: int,
    verb: str,
    body: dict[str, object],
) -> None:
    objects.put(drive.bucket, "kept.csv", b"1")
    person = make_member(drive.workspace, role=role) if role else make_person()
    url = f"{files}/{verb.format(drive=drive.name)}"
    client = signed_in(person)
    if verb.startswith("uploads"):
        assert say(client, url, **body).status_code == status
    else:
        assert client.post(url, body).status_code == status
    assert [one.key for one in objects.list_keys(drive.bucket, "").objects] == [
        "kept.csv"
    ]


def test_a_drive_for_reading_is_not_written(
    drive: Drive, files: str, editor: Client
) -> None:
    drive.access = Access.READ
    drive.save()
    response = editor.post(f"{files}/make-folder/{drive.name}/", {"name": "x"})
    assert response.status_code == 409


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "a/../b",
        ".",
        "a//b",
        "/a",
        "a\\b",
        "a\nb",
        "x.versions",
        ".uploads",
        "é" * 500,
    ],
)
def test_names_the_store_would_bend_are_refused(
    drive: Drive, files: str, objects: ObjectStore, editor: Client, name: str
) -> None:
    response = editor.post(f"{files}/make-folder/{drive.name}/", {"name": name})
    assert response.status_code == 422
    assert "cannot be the name" in response.content.decode()
    wish = {"name": name, "size": 1}
    answer = say(editor, f"{files}/uploads/offer/{drive.name}/", wishes=[wish]).json()
    assert answer["files"][0]["how"] == "refused"
    assert "cannot be the name" in answer["files"][0]["message"]
    assert objects.list_keys(drive.bucket, "").objects == []


def test_a_folder_is_made_and_opened_once(
    drive: Drive, files: str, editor: Client
) -> None:
    url = f"{files}/make-folder/{drive.name}/?folder=2026/"
    response = editor.post(url, {"name": "données brutes"})
    assert response.headers["Location"] == drive.url_of("2026/données brutes/")
    assert editor.get(response.headers["Location"]).status_code == 200
    again = editor.post(url, {"name": "données brutes"})
    assert again.status_code == 409
    assert "already a folder" in again.content.decode()


@pytest.mark.parametrize("path", ["a b/é 50%.csv", "a b/"])
def test_what_is_deleted_comes_back(
    drive: Drive, files: str, objects: ObjectStore, editor: Client, path: str
) -> None:
    keys = ["a b/é 50%.csv", "a b/c/d.csv"]
    for key in keys:
        objects.put(drive.bucket, key, key.encode())
    response = editor.post(f"{files}/delete/{drive.name}/", {"path": path}, follow=True)
    assert response.status_code == 200
    with pytest.raises(ObjectNotFound):
        objects.head(drive.bucket, "a b/é 50%.csv")
    change = Change.objects.get()
    undo = f"{files}/undo/{change.pk}/"
    assert undo in response.content.decode()
    assert editor.post(undo, follow=True).status_code == 200
    for key in keys:
        assert objects.read(drive.bucket, key, length=99) == key.encode()
    assert editor.post(undo).status_code == 404
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"file.deleted", "file.undone"} <= actions


def test_only_editors_of_the_workspace_undo(
    drive: Drive, files: str, objects: ObjectStore, editor: Client, signed_in: SignedIn
) -> None:
    objects.put(drive.bucket, "x", b"1")
    editor.post(f"{files}/delete/{drive.name}/", {"path": "x"})
    undo = f"{files}/undo/{Change.objects.get().pk}/"
    viewer = signed_in(make_member(drive.workspace, role=Role.VIEWER))
    assert viewer.post(undo).status_code == 403
    assert signed_in(make_person()).post(undo).status_code == 404


def test_deleting_nothing_is_not_found(
    drive: Drive, files: str, editor: Client
) -> None:
    for path in ("nothing.csv", "nothing/"):
        response = editor.post(f"{files}/delete/{drive.name}/", {"path": path})
        assert response.status_code == 404


def test_a_bucket_that_was_there_before_is_left_alone(objects: ObjectStore) -> None:
    workspace = make_workspace()
    provisioned = Drive.objects.visible_to(TESTS).get(workspace=workspace)
    objects.put(provisioned.bucket, "kept", b"1")
    Drive.objects.visible_to(TESTS).filter(workspace=workspace).delete()
    with pytest.raises(BucketExists):
        BucketProvisioner().provision(workspace)
    BucketProvisioner().deprovision(workspace)
    assert objects.read(provisioned.bucket, "kept", length=1) == b"1"
