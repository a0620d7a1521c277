import html
import re

import pytest
from django.test import Client

from hexa.accounts.models import User
from hexa.foundation.errors import PermissionDenied
from hexa.workspaces import actions, errors
from hexa.workspaces.models import Membership, Role, Workspace
from tests.conftest import SignedIn
from tests.makers import make_member, make_person, make_workspace, membership_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "may"), [(Role.VIEWER, False), (Role.EDITOR, False), (Role.ADMIN, True)]
)
def test_only_admins_manage_members(role: str, may: bool) -> None:
    workspace = make_workspace()
    actor, newcomer = make_member(workspace, role=role), make_person()
    if may:
        added = actions.add_member(
            workspace, person=newcomer, role=Role.VIEWER, by=actor
        )
        actions.change_role(added, role=Role.EDITOR, by=actor)
        assert membership_of(newcomer, workspace).role == Role.EDITOR
        actions.remove_member(added, by=actor)
        return
    target = membership_of(make_member(workspace), workspace)
    for forbidden in (
        lambda: actions.add_member(workspace, person=newcomer, role="viewer", by=actor),
        lambda: actions.change_role(target, role=Role.ADMIN, by=actor),
        lambda: actions.remove_member(target, by=actor),
    ):
        with pytest.raises(PermissionDenied):
            forbidden()


def test_everyone_may_leave_but_not_the_last_admin() -> None:
    ana = make_person()
    workspace = make_workspace(by=ana)
    viewer = make_member(workspace, role=Role.VIEWER)
    actions.remove_member(membership_of(viewer, workspace), by=viewer)
    last = membership_of(ana, workspace)
    with pytest.raises(errors.LastWorkspaceAdmin):
        actions.remove_member(last, by=ana)
    with pytest.raises(errors.LastWorkspaceAdmin):
        actions.change_role(last, role=Role.VIEWER, by=ana)
    make_member(workspace, role=Role.ADMIN)
    actions.remove_member(last, by=ana)


def test_a_person_is_a_member_once() -> None:
    workspace = make_workspace()
    viewer = make_member(workspace, role=Role.VIEWER)
    with pytest.raises(errors.AlreadyMember):
        actions.add_member(
            workspace, person=viewer, role=Role.ADMIN, by=workspace_admin(workspace)
        )
    assert membership_of(viewer, workspace).role == Role.VIEWER


def test_the_page_adds_a_person_and_says_when_there_is_none(
    signed_in: SignedIn,
) -> None:
    ana, ben = make_person(), make_person(name="Ben Ali")
    workspace = make_workspace(by=ana)
    client: Client = signed_in(ana)
    url = f"/workspaces/{workspace.slug}/members/"
    unknown = client.post(url, {"email": "nobody@example.org", "role": "editor"})
    assert unknown.status_code == 200
    assert "no active person" in unknown.content.decode()
    added = client.post(url, {"email": ben.email.upper(), "role": "editor"})
    assert added.status_code == 302
    assert "Ben Ali" in client.get(url).content.decode()


def test_a_removal_can_be_undone(signed_in: SignedIn) -> None:
    ana = make_person()
    workspace = make_workspace(by=ana)
    viewer = make_member(workspace, role=Role.VIEWER)
    client = signed_in(ana)
    membership = membership_of(viewer, workspace)
    base = f"/workspaces/{workspace.slug}/members/"
    client.post(f"{base}{membership.pk}/remove/")
    assert workspace.role_of(viewer) is None
    page = client.get(base).content.decode()
    undo = html.unescape(re.findall(r'action="([^"]+/back/[^"]*)"', page)[0])
    assert client.post(undo).status_code == 302
    assert workspace.role_of(viewer) == Role.VIEWER
    client.post(undo)
    assert "is a member already" in client.get(base).content.decode()


def test_strangers_learn_nothing(signed_in: SignedIn) -> None:
    workspace = make_workspace()
    admin = Membership.objects.get(workspace=workspace)
    client = signed_in(make_person())
    base = f"/workspaces/{workspace.slug}"
    for method, url in (
        ("get", f"{base}/"),
        ("get", f"{base}/members/"),
        ("get", f"{base}/settings/"),
        ("post", f"{base}/home-page/"),
        ("post", f"{base}/members/{admin.pk}/role/"),
        ("post", f"{base}/members/{admin.pk}/remove/"),
        ("get", f"{base}/notebooks/"),
        ("post", f"{base}/notebooks/open/"),
    ):
        assert getattr(client, method)(url).status_code == 404, url


def workspace_admin(workspace: Workspace) -> User:
    return Membership.objects.get(workspace=workspace, role=Role.ADMIN).user
