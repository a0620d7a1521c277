from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from hexa.notebooks.actions import sessions
from hexa.workspaces.models import Role, Workspace
from tests.conftest import SignedIn
from tests.makers import make_member, make_person, make_workspace

pytestmark = pytest.mark.django_db


def test_a_page_without_the_hub_says_so_and_stays_up(signed_in: SignedIn) -> None:
    ana = make_person()
    workspace = make_workspace(by=ana)
    client = signed_in(ana)
    html = client.get(f"/workspaces/{workspace.slug}/notebooks/").content.decode()
    assert "the notebook service does not answer" in html
    opened = client.post(f"/workspaces/{workspace.slug}/notebooks/open/")
    assert opened.status_code == 503
    assert "Traceback" not in opened.content.decode()


@pytest.mark.parametrize(
    ("role", "status"), [(Role.VIEWER, 403), (Role.EDITOR, 503), (Role.ADMIN, 503)]
)
def test_only_editors_and_admins_open_notebooks(
    signed_in: SignedIn, role: str, status: int
) -> None:
    """503: allowed, but no hub runs in this test."""
    workspace = make_workspace()
    client = signed_in(make_member(workspace, role=role))
    url = f"/workspaces/{workspace.slug}/notebooks/open/"
    assert client.post(url).status_code == status


def test_a_dot_in_the_sidebar_tells_of_a_running_server(signed_in: SignedIn) -> None:
    ana = make_person()
    workspace, other = make_workspace(by=ana), make_workspace(by=ana)
    client = signed_in(ana)

    def tells(where: Workspace) -> bool:
        page = client.get(where.get_absolute_url()).content.decode()
        return "Your notebook server runs" in page

    assert not tells(workspace)
    session = sessions.start(ana.handle, workspace.slug).session
    assert tells(workspace)
    assert not tells(other)
    session.started_at -= timedelta(hours=1)
    session.save()
    assert not tells(workspace), "it reports no more"
    session.reported_at = timezone.now()
    session.save()
    assert tells(workspace)


@pytest.mark.parametrize("verb", ["open", "stop", "restart"])
def test_acting_needs_a_post_and_an_account(signed_in: SignedIn, verb: str) -> None:
    ana = make_person()
    workspace = make_workspace(by=ana)
    url = f"/workspaces/{workspace.slug}/notebooks/{verb}/"
    assert signed_in(ana).get(url).status_code == 405
    assert Client().post(url)["Location"].startswith("/accounts/login/")
