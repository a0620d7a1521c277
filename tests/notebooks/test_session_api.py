import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import boto3
import psycopg
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from django.conf import settings
from django.test import Client

from hexa.accounts import actions as accounts
from hexa.notebooks.actions import sessions
from hexa.notebooks.models import Session
from hexa.workspaces import actions as workspaces
from hexa.workspaces.models import Role, Workspace
from tests.makers import TESTS, make_member, make_person, make_workspace, membership_of

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

pytestmark = pytest.mark.django_db


def ask(
    handle: str, slug: str, token: str | None = None
) -> tuple[int, dict[str, object]]:
    """As the hub's spawner does."""
    response = Client().post(
        "/internal/sessions/environment/",
        json.dumps({"handle": handle, "workspace": slug}),
        content_type="application/json",
        headers={"Authorization": f"token {token or settings.HUB_SERVICE_TOKEN}"},
    )
    return response.status_code, response.json()


def get(path: str, token: str) -> tuple[int, dict[str, object]]:
    response = Client().get(path, headers={"Authorization": token})
    return response.status_code, response.json()


def client_of(credentials: dict[str, object]) -> "S3Client":
    return boto3.client(
        "s3",
        endpoint_url=settings.STORE_ENDPOINT,
        region_name="us-east-1",
        aws_access_key_id=str(credentials["AccessKeyId"]),
        aws_secret_access_key=str(credentials["SecretAccessKey"]),
        aws_session_token=str(credentials["Token"]),
        config=Config(
            s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}
        ),
    )


def test_only_the_hub_learns_what_a_session_may_have() -> None:
    ana = make_person()
    workspace = make_workspace(by=ana)
    assert ask(ana.handle, workspace.slug, token="wrong")[0] == 401
    status, told = ask(ana.handle, workspace.slug)
    assert status == 200
    env = told["env"]
    assert isinstance(env, dict)
    assert all(isinstance(value, str) for value in env.values())
    assert env["HEXA_WORKSPACE"] == env["WORKSPACE_BUCKET_NAME"] == workspace.slug
    assert env["HEXA_ENVIRONMENT"] == "CLOUD_JUPYTER"
    assert not set(env.values()) & {
        settings.STORE_ADMIN_ID,
        settings.STORE_ADMIN_SECRET,
        settings.SECRET_KEY,
        settings.HUB_SERVICE_TOKEN,
    }


@pytest.mark.parametrize("role", [Role.VIEWER, None])
def test_notebooks_are_refused_to_viewers_and_strangers(role: str | None) -> None:
    workspace = make_workspace()
    person = make_member(workspace, role=role) if role else make_person()
    status, told = ask(person.handle, workspace.slug)
    assert status == 403
    assert told["message"]
    assert not Session.objects.visible_to(person).exists()


def test_a_token_opens_its_own_session_and_nothing_else() -> None:
    ana = make_person()
    workspace, other = make_workspace(by=ana), make_workspace(by=ana)
    _, told = ask(ana.handle, workspace.slug)
    token = str(told["token"])
    status, session = get("/api/session/", token)
    assert status == 200
    assert session["drives"] == [
        {
            "name": f"s3:{workspace.slug}",
            "provider": "s3",
            "bucket": workspace.slug,
            "access": "write",
            "endpoint": settings.STORE_ENDPOINT,
        }
    ]
    assert get("/api/session/", f"Bearer {token}")[0] == 200
    assert get("/api/session/", "hexa_ses_wrong")[0] == 401
    assert get("/api/session/", "")[0] == 401
    outside = f"/api/session/link/?address=s3://{other.slug}/x.csv"
    assert get(outside, token)[0] in {403, 404}
    assert token not in str(Session.objects.visible_to(ana).values())


def credentials_of(
    person_handle: str, workspace: Workspace
) -> tuple[str, dict[str, object]]:
    _, told = ask(person_handle, workspace.slug)
    token = str(told["token"])
    status, minted = get("/api/session/credentials/s3/", token)
    assert status == 200, minted
    return token, minted


def test_credentials_reach_the_workspace_bucket_and_no_other() -> None:
    ana = make_person()
    workspace, other = make_workspace(by=ana), make_workspace()
    s3 = client_of(credentials_of(ana.handle, workspace)[1])
    s3.put_object(Bucket=workspace.slug, Key="a.csv", Body=b"x")
    assert s3.get_object(Bucket=workspace.slug, Key="a.csv")["Body"].read() == b"x"
    attempts: tuple[Callable[[], object], ...] = (
        lambda: s3.list_objects_v2(Bucket=other.slug),
        lambda: s3.put_object(Bucket=other.slug, Key="b", Body=b""),
        lambda: s3.delete_bucket(Bucket=workspace.slug),
        lambda: s3.delete_bucket_policy(Bucket=workspace.slug),
    )
    for attempt in attempts:
        with pytest.raises(ClientError):
            attempt()


def test_a_downgrade_takes_write_away_from_what_was_minted_and_what_will_be() -> None:
    workspace = make_workspace()
    ben = make_member(workspace, role=Role.EDITOR)
    token, minted = credentials_of(ben.handle, workspace)
    old = client_of(minted)
    old.put_object(Bucket=workspace.slug, Key="a.csv", Body=b"x")
    workspaces.change_role(membership_of(ben, workspace), role=Role.VIEWER, by=TESTS)
    sessions.narrow_access(workspace, ben)
    with pytest.raises(ClientError):
        old.put_object(Bucket=workspace.slug, Key="b.csv", Body=b"x")
    status, fresh = get("/api/session/credentials/s3/", token)
    assert status == 200
    new = client_of(fresh)
    assert new.get_object(Bucket=workspace.slug, Key="a.csv")["Body"].read() == b"x"
    with pytest.raises(ClientError):
        new.put_object(Bucket=workspace.slug, Key="b.csv", Body=b"x")
    _, session = get("/api/session/", token)
    assert [drive["access"] for drive in session["drives"]] == ["read"]  # type: ignore[attr-defined]


def test_who_leaves_or_is_deactivated_gets_no_credentials_at_all() -> None:
    workspace = make_workspace()
    ben, eve = make_member(workspace), make_member(workspace)
    ben_token, _ = credentials_of(ben.handle, workspace)
    eve_token, _ = credentials_of(eve.handle, workspace)
    workspaces.remove_member(membership_of(ben, workspace), by=TESTS)
    accounts.deactivate(eve, by=TESTS)
    for token in (ben_token, eve_token):
        status, told = get("/api/session/credentials/s3/", token)
        assert status == 403
        assert set(told) == {"code", "message"}


def test_a_new_start_ends_the_session_before_and_its_login() -> None:
    ana = make_person()
    workspace = make_workspace(by=ana)
    _, first = ask(ana.handle, workspace.slug)
    _, second = ask(ana.handle, workspace.slug)
    assert first["home_id"] == second["home_id"]
    assert get("/api/session/", str(first["token"]))[0] == 401
    assert get("/api/session/", str(second["token"]))[0] == 200


def test_the_database_login_of_a_session_enters_its_own_database_only() -> None:
    ana = make_person()
    workspace, other = make_workspace(by=ana), make_workspace(by=ana)
    _, told = ask(ana.handle, workspace.slug)
    url = str(told["env"]["WORKSPACE_DATABASE_URL"])  # type: ignore[index]
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS a")
        owner = connection.execute(
            "SELECT tableowner FROM pg_tables WHERE tablename = 't'"
        ).fetchone()
        assert owner == (f"{database_of(workspace)}_rw",)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url.replace(database_of(workspace), database_of(other)))


def database_of(workspace: Workspace) -> str:
    return "ws_" + workspace.slug.replace("-", "_")
