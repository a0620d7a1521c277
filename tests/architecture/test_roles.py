"""Role by URL by other tenant: every page and verb of a workspace, asked as everyone."""

import json
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import get_resolver

from hexa.files import actions as files
from hexa.workspaces.models import Role, Workspace
from tests.architecture.test_house_rules import patterns
from tests.conftest import SignedIn
from tests.makers import TESTS, make_member, make_person, make_workspace

pytestmark = pytest.mark.django_db

JSON = "application/json"
EVERYONE = {Role.VIEWER, Role.EDITOR, Role.ADMIN}
WRITERS = {Role.EDITOR, Role.ADMIN}
ADMINS = {Role.ADMIN}


@dataclass(frozen=True, slots=True)
class Door:
    """A URL of a workspace, and the roles that come through."""

    route: str
    method: str
    roles: set[Role]


def doors(slug: str) -> list[Door]:
    base, drive = f"/workspaces/{slug}", f"s3:{slug}"
    return [
        Door(f"{base}/", "get", EVERYONE),
        Door(f"{base}/members/", "get", EVERYONE),
        Door(f"{base}/notebooks/", "get", EVERYONE),
        Door(f"{base}/files/{drive}/", "get", EVERYONE),
        Door(f"{base}/home-page/", "get", WRITERS),
        Door(f"{base}/home-page/", "post", WRITERS),
        Door(f"{base}/notebooks/open/", "post", WRITERS),
        Door(f"{base}/files/make-folder/{drive}/", "post", WRITERS),
        Door(f"{base}/files/delete/{drive}/", "post", WRITERS),
        Door(f"{base}/files/uploads/start/{drive}/", "post", WRITERS),
        Door(f"{base}/files/drives/", "get", ADMINS),
        Door(f"{base}/files/drives/connect/", "get", ADMINS),
        Door(f"{base}/files/drives/connect/", "post", ADMINS),
        Door(f"{base}/settings/", "get", ADMINS),
        Door(f"{base}/settings/", "post", ADMINS),
        Door(f"{base}/members/", "post", ADMINS),
    ]


def ask(client: Client, door: Door) -> int:
    form = {"name": "x", "path": "x", "text": "", "based_on": "0", "role": "viewer"}
    form["email"] = make_person().email
    if "/uploads/" in door.route:
        told = {"name": "x.csv", "size": 1, "type": "text/csv", "folder": ""}
        body = json.dumps(told)
        return client.post(door.route, body, content_type=JSON).status_code
    status: int = getattr(client, door.method)(door.route, form).status_code
    return status


@pytest.mark.parametrize("role", EVERYONE)
def test_a_role_passes_its_doors_and_no_other(signed_in: SignedIn, role: Role) -> None:
    workspace: Workspace = make_workspace()
    files.put(workspace, "x", b"there is something to delete", by=TESTS)
    client = signed_in(make_member(workspace, role=role))
    for door in doors(workspace.slug):
        status = ask(client, door)
        if role in door.roles:
            assert status not in {401, 403, 404}, (door, status)
        else:
            assert status == 403, (door, status)


def test_another_tenant_finds_nothing_and_the_anonymous_sign_in(
    signed_in: SignedIn,
) -> None:
    workspace = make_workspace()
    neighbour = make_person()
    make_workspace(by=neighbour)
    client = signed_in(neighbour)
    for door in doors(workspace.slug):
        assert ask(client, door) == 404, door
        anonymous = getattr(Client(), door.method)(door.route)
        assert anonymous.status_code in {302, 403}, door
        if anonymous.status_code == 302:
            assert "/accounts/login/" in anonymous["Location"]


def test_no_url_of_a_workspace_is_left_to_everybody() -> None:
    for route, view in patterns(get_resolver()):
        if route.startswith("workspaces/<slug:slug>/"):
            policy = getattr(view, "access_policy", "")
            assert policy == "people", (route, policy)
