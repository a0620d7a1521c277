"""Role by URL by other tenant: every page and verb of a workspace, asked as everyone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import get_resolver, resolve

from hexa.files import actions as files
from hexa.workspaces.models import Role, Workspace
from tests.architecture.test_house_rules import patterns
from tests.conftest import SignedIn
from tests.makers import (
    TESTS,
    make_member,
    make_person,
    make_workspace,
    membership_of,
)

pytestmark = pytest.mark.django_db

JSON = "application/json"
EVERYONE = {Role.VIEWER, Role.EDITOR, Role.ADMIN}
WRITERS = {Role.EDITOR, Role.ADMIN}
ADMINS = {Role.ADMIN}


@dataclass(frozen=True, slots=True)
class Door:
    """A URL of a workspace, and the roles that come through.

    `form` is what is sent beside what every door gets. Where `finds_nothing`, even who
    may is told that there is no such thing, and everybody else no more than that.
    """

    route: str
    method: str
    roles: set[Role]
    form: Mapping[str, object] = field(default_factory=dict)
    finds_nothing: bool = False


def doors(workspace: Workspace) -> list[Door]:
    """Each URL of a workspace by each method it has; ends with what ends something."""
    base = f"/workspaces/{workspace.slug}"
    files, drive = f"{base}/files", f"s3:{workspace.slug}"
    other = membership_of(make_member(workspace, role=Role.VIEWER), workspace).pk
    # A ticket of somebody else's upload, or of none: only its owner goes on with it.
    ticket = {"upload": str(uuid4()), "number": 1, "size": 1}
    part = f"upload={ticket['upload']}&number=1"
    ticket["parts"] = [{"number": 1, "etag": "x"}]
    version = {"version": "not that of x", "seen": "x"}
    return [
        Door(f"{base}/", "get", EVERYONE),
        Door(f"{base}/members/", "get", EVERYONE),
        Door(f"{base}/notebooks/", "get", EVERYONE),
        Door(f"{base}/notebooks/waiting/", "get", EVERYONE),
        Door(f"{base}/notebooks/progress/", "get", EVERYONE),
        Door(f"{base}/notebooks/stop/", "post", EVERYONE),
        Door(f"{base}/notebooks/open/", "post", WRITERS),
        Door(f"{base}/notebooks/restart/", "post", WRITERS),
        Door(f"{files}/", "get", EVERYONE),
        Door(f"{files}/{drive}/", "get", EVERYONE),
        Door(f"{files}/{drive}/x", "get", EVERYONE),
        Door(f"{files}/download/{drive}/x", "get", EVERYONE),
        Door(f"{files}/make-folder/{drive}/", "post", WRITERS),
        Door(f"{files}/upload/{drive}/", "post", WRITERS, {"file": a_file()}),
        Door(f"{files}/uploads/offer/{drive}/", "post", WRITERS),
        Door(f"{files}/uploads/check/{drive}/", "post", WRITERS),
        Door(f"{files}/uploads/stored/{drive}/", "post", WRITERS),
        Door(f"{files}/uploads/through/file/{drive}/?key=x", "put", WRITERS),
        Door(
            f"{files}/uploads/through/part/?{part}", "put", WRITERS, finds_nothing=True
        ),
        Door(f"{files}/uploads/resume/", "post", WRITERS, ticket, finds_nothing=True),
        Door(f"{files}/uploads/discard/", "post", WRITERS, ticket, finds_nothing=True),
        Door(f"{files}/uploads/part/", "post", WRITERS, ticket, finds_nothing=True),
        Door(f"{files}/uploads/complete/", "post", WRITERS, ticket, finds_nothing=True),
        Door(f"{files}/uploads/cancel/", "post", WRITERS, ticket, finds_nothing=True),
        Door(f"{files}/versions/{drive}/x", "get", EVERYONE),
        Door(f"{files}/version/{drive}/x", "get", EVERYONE),
        Door(f"{files}/trash/{drive}/", "get", EVERYONE),
        Door(f"{files}/trash/{drive}/x/", "get", EVERYONE),
        Door(f"{files}/zip/{drive}/", "post", EVERYONE),
        Door(f"{files}/rename/{drive}/", "get", WRITERS),
        Door(f"{files}/rename/{drive}/", "post", WRITERS),
        Door(f"{files}/copy/{drive}/", "get", WRITERS),
        Door(f"{files}/copy/{drive}/", "post", WRITERS),
        Door(f"{files}/move/{drive}/", "get", WRITERS),
        Door(f"{files}/move/{drive}/", "post", WRITERS),
        Door(f"{files}/restore/{drive}/", "post", WRITERS, version),
        Door(f"{files}/put-back/{drive}/", "post", WRITERS),
        Door(f"{files}/stop/{uuid4()}/", "post", WRITERS, finds_nothing=True),
        Door(f"{files}/dismiss/{uuid4()}/", "post", WRITERS, finds_nothing=True),
        Door(f"{files}/delete/{drive}/", "post", WRITERS),
        Door(f"{files}/undo/{uuid4()}/", "post", WRITERS, finds_nothing=True),
        Door(f"{files}/content/{drive}/table.csv", "get", EVERYONE),
        Door(f"{files}/rows/{drive}/table.csv", "get", EVERYONE),
        Door(f"{files}/profile/{drive}/table.csv?column=a", "get", EVERYONE),
        Door(f"{files}/features/{drive}/x.geojson", "get", EVERYONE),
        Door(f"{files}/notebook/{drive}/table.csv", "get", EVERYONE),
        Door(f"{base}/home-page/", "get", WRITERS),
        Door(f"{base}/home-page/", "post", WRITERS),
        Door(f"{files}/search/{drive}/?q=x", "get", EVERYONE),
        Door(f"{files}/drives/", "get", ADMINS),
        Door(f"{files}/drives/connect/", "get", ADMINS),
        Door(f"{files}/drives/connect/google/", "get", ADMINS),
        Door(f"{files}/drives/connect/google/", "post", ADMINS),
        Door(f"{files}/drives/connect/", "post", ADMINS),
        Door(f"{files}/drives/gcs:none/", "get", ADMINS, finds_nothing=True),
        Door(
            f"{files}/drives/gcs:none/disconnect/", "post", ADMINS, finds_nothing=True
        ),
        Door(f"{files}/drives/{drive}/", "get", ADMINS),
        Door(f"{files}/drives/{drive}/check/", "post", ADMINS),
        Door(f"{files}/drives/{drive}/disconnect/", "post", ADMINS),
        Door(f"{base}/settings/", "get", ADMINS),
        Door(f"{base}/settings/", "post", ADMINS),
        Door(f"{base}/members/", "post", ADMINS),
        Door(f"{base}/members/back/?email=x&role=viewer", "post", ADMINS),
        Door(f"{base}/members/{other}/role/", "post", ADMINS),
        Door(f"{base}/members/{other}/remove/", "post", ADMINS),
    ]


def a_file() -> SimpleUploadedFile:
    return SimpleUploadedFile("given.csv", b"a,b")


def ask(client: Client, door: Door) -> int:
    form = {"name": "x", "path": "x", "text": "", "based_on": "0", "role": "viewer"}
    if door.route.endswith("/members/"):
        form["email"] = make_person().email
    if "/uploads/" in door.route and "discard" not in door.route:
        wishes = [{"name": "x.csv", "size": 1}]
        told = {"wishes": wishes, "names": ["x.csv"], "total": 1, "keys": ["x.csv"]}
        send, body = getattr(client, door.method), json.dumps({**told, **door.form})
        sent: int = send(door.route, body, content_type=JSON).status_code
        return sent
    status: int = getattr(client, door.method)(
        door.route, {**form, **door.form}
    ).status_code
    return status


@pytest.mark.parametrize("role", EVERYONE)
def test_a_role_passes_its_doors_and_no_other(signed_in: SignedIn, role: Role) -> None:
    workspace: Workspace = make_workspace()
    files.put(workspace, "x.geojson", b"not yet a map", by=TESTS)
    files.put(workspace, "table.csv", b"a,b\n1,2\n", by=TESTS)
    files.put(workspace, "x", b"there is something to delete", by=TESTS)
    client = signed_in(make_member(workspace, role=role))
    for door in doors(workspace):
        status = ask(client, door)
        if door.finds_nothing:
            assert status == 404, (door, status)
        elif role in door.roles:
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
    for door in doors(workspace):
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


def test_every_url_of_a_workspace_is_such_a_door() -> None:
    asked = {
        resolve(door.route.partition("?")[0]).route for door in doors(make_workspace())
    }
    urls = {route for route, _ in patterns(get_resolver())}
    here = {route for route in urls if route.startswith("workspaces/<slug:slug>/")}
    assert sorted(here - asked) == [], "add them to `doors`, with the roles they admit"
