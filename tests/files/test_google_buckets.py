"""A team's bucket at Google becomes a drive: connected by a form, used in pages."""

import io
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hexa.files import actions
from hexa.files.models import BucketState, ConnectedBucket, Drive
from hexa.foundation.models import AuditEvent
from hexa.workspaces.models import Role, Workspace
from tests.conftest import SignedIn
from tests.google.connected import Team, connect_google, make_team
from tests.google.door import Google
from tests.google.tokens import USER, VIEWER
from tests.makers import TESTS, make_member, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


@pytest.fixture
def admin(signed_in: SignedIn, workspace: Workspace) -> Client:
    return signed_in(make_member(workspace, role=Role.ADMIN))


def form_of(team: Team, **changed: Any) -> dict[str, Any]:
    return {
        "bucket": f"gs://{team.bucket}",
        "folder": "",
        "access": "write",
        "service_account_key": team.key,
        "user_project": "",
        **changed,
    }


def test_a_bucket_is_tested_connected_browsed_changed_and_let_go(
    admin: Client, workspace: Workspace, team: Team
) -> None:
    base = f"/workspaces/{workspace.slug}/files"
    connect = f"{base}/drives/connect/google/"
    team.store.put(team.bucket, "raw/a.csv", b"district,cases\nA,3\n")
    tested = admin.post(connect, form_of(team, test="test"))
    page = tested.content.decode()
    assert "It works. Nothing is saved yet." in page
    assert "Google gives tokens for exactly this" in page
    assert team.account.email in page
    assert "PRIVATE KEY" not in page
    assert not Drive.objects.visible_to(TESTS).filter(bucket=team.bucket).exists()
    assert team.store.versions(team.bucket, ".openhexa").versions == []
    # What was given for the test is still known, and still not shown.
    saved = admin.post(connect, form_of(team, service_account_key=""))
    assert saved.status_code == 302
    name = f"gcs:{team.bucket}"
    listed = admin.get(f"{base}/drives/").content.decode()
    assert name in listed
    assert "Google Cloud Storage" in listed
    assert "a.csv" in admin.get(f"{base}/{name}/raw/").content.decode()
    shown = admin.get(f"{base}/{name}/raw/a.csv").content.decode()
    assert "district" in shown
    assert f"gs://{team.bucket}/raw/a.csv" in shown
    edit = admin.get(f"{base}/drives/{name}/").content.decode()
    assert "PRIVATE KEY" not in edit
    sealed = ConnectedBucket.objects.get(drive__bucket=team.bucket).credentials
    assert "PRIVATE KEY" not in sealed
    read_only = form_of(team, service_account_key="", access="read")
    assert admin.post(f"{base}/drives/{name}/", read_only).status_code == 302
    refused = admin.post(f"{base}/make-folder/{name}/", {"name": "x"})
    assert refused.status_code == 409
    wrong = admin.post(f"{base}/drives/{name}/disconnect/", {"typed": "no"})
    assert wrong.status_code == 422
    gone = admin.post(f"{base}/drives/{name}/disconnect/", {"typed": team.bucket})
    assert gone.status_code == 302
    assert admin.get(f"{base}/{name}/").status_code == 404
    assert team.store.read(team.bucket, "raw/a.csv", length=8) == b"district"


def test_the_key_may_come_as_its_file(
    admin: Client, workspace: Workspace, team: Team
) -> None:
    connect = f"/workspaces/{workspace.slug}/files/drives/connect/google/"
    file = SimpleUploadedFile("key.json", team.key.encode())
    form = form_of(team, service_account_key="", key_file=file)
    assert admin.post(connect, form).status_code == 302
    again = admin.post(connect, form_of(team))
    assert "is a drive of the workspace already" in again.content.decode()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"service_account_key": ""}, "Give the key of a service account."),
        ({"service_account_key": '{"type": "x"}'}, "not the key of a Google service"),
        ({"bucket": "No Bucket"}, "cannot be the name of a bucket"),
        ({"folder": "a/../b"}, "cannot be the name of a folder"),
        ({"user_project": "no project!"}, "cannot be the name of a project"),
    ],
)
def test_what_cannot_be_is_said_beside_it(
    admin: Client, workspace: Workspace, team: Team, changed: dict[str, str], told: str
) -> None:
    connect = f"/workspaces/{workspace.slug}/files/drives/connect/google/"
    answer = admin.post(connect, form_of(team, **changed))
    assert told in answer.content.decode()
    assert not Drive.objects.visible_to(TESTS).filter(bucket=team.bucket).exists()


def test_a_test_names_the_role_that_is_missing(
    admin: Client, workspace: Workspace, google: Google
) -> None:
    team = make_team(google, VIEWER)
    connect = f"/workspaces/{workspace.slug}/files/drives/connect/google/"

    def told(**changed: str) -> str:
        form = form_of(team, test="test", **changed)
        return admin.post(connect, form).content.decode()

    assert "“Storage Object User” on the bucket" in told()
    assert "It works. Nothing is saved yet." in told(access="read")
    team.account.roles[team.bucket] = USER
    told_of_versions = told()
    assert "It works. Nothing is saved yet." in told_of_versions
    assert "storage.buckets.get" in told_of_versions
    assert "Storage Bucket Viewer" in told_of_versions
    assert "There is no such bucket" in told(bucket="nobody-has-this", access="read")
    team = make_team(google)
    google.tokens.clock_s = -3600
    assert "clocks of the platform and the store differ" in told()
    google.tokens.clock_s = 0
    assert "It works. Nothing is saved yet." in told()
    team = make_team(google)
    team.account.is_enabled = False
    assert "The store refuses the key." in told()


def test_files_come_and_go_and_come_back(
    admin: Client, workspace: Workspace, team: Team
) -> None:
    drive = connect_google(team, workspace)
    base = f"/workspaces/{workspace.slug}/files"
    person = make_member(workspace, role=Role.EDITOR)
    actions.upload(
        drive,
        folder="in/",
        name="a b.csv",
        content=io.BytesIO(b"a\n1\n"),
        content_type="text/csv",
        by=person,
    )
    assert "a b.csv" in admin.get(f"{base}/{drive.name}/in/").content.decode()
    link = admin.get(f"{base}/download/{drive.name}/in/a b.csv")
    assert link.status_code in {200, 302}
    deletion = actions.delete(drive, paths=["in/a b.csv"], by=person)
    assert team.store.list_keys(team.bucket, "in/").objects == []
    actions.undo(deletion, by=person)
    assert team.store.read(team.bucket, "in/a b.csv", length=9) == b"a\n1\n"
    assert admin.post(f"{base}/make-folder/{drive.name}/", {"name": "new"})
    assert "new" in admin.get(f"{base}/{drive.name}/").content.decode()


def test_a_folder_of_a_bucket_shows_nothing_beside_it(
    admin: Client, workspace: Workspace, team: Team
) -> None:
    team.store.put(team.bucket, "shared/a.csv", b"a\n")
    team.store.put(team.bucket, "secret.csv", b"a\n")
    drive = connect_google(team, workspace, prefix="shared/", access="read")
    page = admin.get(drive.get_absolute_url()).content.decode()
    assert "a.csv" in page
    assert "secret.csv" not in page
    assert str(drive.address_of("a.csv")) == f"gs://{team.bucket}/shared/a.csv"


def test_a_key_that_was_revoked_shows_its_cause_and_holds_up_nothing(
    admin: Client, workspace: Workspace, team: Team
) -> None:
    drive = connect_google(team, workspace)
    team.account.is_enabled = False
    assert actions.check(drive, by=TESTS) == BucketState.REFUSED
    base = f"/workspaces/{workspace.slug}/files"
    assert "may have been revoked" in admin.get(f"{base}/drives/").content.decode()
    broken = admin.get(f"{base}/{drive.name}/")
    assert "revoked" in broken.content.decode()
    assert admin.get(f"{base}/s3:{workspace.slug}/").status_code == 200


def test_no_editor_connects(signed_in: SignedIn, workspace: Workspace) -> None:
    editor = signed_in(make_member(workspace, role=Role.EDITOR))
    connect = f"/workspaces/{workspace.slug}/files/drives/connect/google/"
    assert editor.get(connect).status_code == 403


def test_the_audit_names_no_key(
    admin: Client, workspace: Workspace, team: Team
) -> None:
    connect = f"/workspaces/{workspace.slug}/files/drives/connect/google/"
    admin.post(connect, form_of(team))
    events = AuditEvent.objects.filter(action="bucket.connected")
    told = json.dumps([[one.subject, one.details] for one in events], default=str)
    assert team.bucket in told
    assert "PRIVATE KEY" not in told
