from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from hexa.notebooks import queries
from hexa.notebooks.actions import sessions
from hexa.workspaces.models import Role, Workspace
from tests.conftest import SignedIn
from tests.makers import make_member, make_person, make_workspace

pytestmark = pytest.mark.django_db


def _notebooks(workspace: Workspace) -> str:
    return f"{workspace.get_absolute_url()}notebooks/"


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


@pytest.mark.parametrize(
    ("sent", "leads_to"),
    [
        ("/notebooks/user/bob/SLUG/lab", "lab"),
        (
            "/notebooks/user/bob/SLUG/lab/tree/s3:x/%C3%A9t%C3%A9%20100%25.csv?reset",
            "lab/tree/s3:x/%C3%A9t%C3%A9%20100%25.csv?reset",
        ),
        # As somebody writes it into a mail, who does not escape.
        (
            "/notebooks/user/bob/SLUG/lab/tree/été 1.csv",
            "lab/tree/%C3%A9t%C3%A9%201.csv",
        ),
        ("/notebooks/hub/user/bob/SLUG/doc/tree/a.md", "doc/tree/a.md"),
        ("/notebooks/user/bob/SLUG/lab/tree/..data/a..b", "lab/tree/..data/a..b"),
        ("/notebooks/user/bob/SLUG/lab/tree/a\\..\\b", "lab/tree/a%5C..%5Cb"),
    ],
)
def test_a_link_to_lab_opens_the_same_in_ones_own(
    signed_in: SignedIn, sent: str, leads_to: str
) -> None:
    ana = make_person()
    workspace = make_workspace(by=ana)
    link = sent.replace("SLUG", workspace.slug)
    own = f"/notebooks/user/{ana.handle}/{workspace.slug}/{leads_to}"
    assert queries.own_link(link, ana, workspace) == own
    assert queries.own_link(own, ana, workspace) == own

    page = signed_in(ana).get(_notebooks(workspace), {"next": link})
    assert f'name="next" value="{own}"' in page.content.decode()


@pytest.mark.parametrize(
    "sent",
    [
        "https://evil.example.org/notebooks/user/bob/SLUG/lab",
        "//evil.example.org/notebooks/user/bob/SLUG/lab",
        "/notebooks/user/bob/another/lab/tree/a.csv",
        "/notebooks/user/bob/SLUG/lab/../../../../accounts/logout/",
        "/notebooks/user/bob/SLUG/lab/%2e%2E/%2e./x",
        "/notebooks/user/bob/SLUG/labour",
        "/notebooks/user/bob/SLUG/api/shutdown",
        "/notebooks/user/bob/SLUG/hexa/stop?/lab",
        "/notebooks/user/a/b/SLUG/lab",
        "/notebooks/hub/logout",
        "javascript:alert(1)//notebooks/user/bob/SLUG/lab",
        "",
    ],
)
def test_no_other_link_is_followed(signed_in: SignedIn, sent: str) -> None:
    ana = make_person()
    workspace = make_workspace(by=ana)
    link = sent.replace("SLUG", workspace.slug)
    assert queries.own_link(link, ana, workspace) == ""
    page = signed_in(ana).get(_notebooks(workspace), {"next": link})
    html = page.content.decode()
    assert "data-at-once" not in html
    assert "Open notebooks" in html


def test_signing_in_keeps_the_link(signed_in: SignedIn) -> None:
    ana = make_person()
    workspace = make_workspace(by=ana)
    link = f"/notebooks/user/bob/{workspace.slug}/lab/tree/%C3%A9%2520.csv"
    asked = Client().get(_notebooks(workspace), {"next": link})
    query = parse_qs(urlsplit(asked["Location"]).query)
    page = signed_in(ana).get(query["next"][0]).content.decode()
    assert f"/{ana.handle}/{workspace.slug}/lab/tree/%C3%A9%2520.csv" in page
    # What is named on the button is the file.
    assert "Open é%20.csv" in page


@pytest.mark.parametrize("verb", ["open", "stop", "restart"])
def test_acting_needs_a_post_and_an_account(signed_in: SignedIn, verb: str) -> None:
    ana = make_person()
    workspace = make_workspace(by=ana)
    url = f"/workspaces/{workspace.slug}/notebooks/{verb}/"
    assert signed_in(ana).get(url).status_code == 405
    assert Client().post(url)["Location"].startswith("/accounts/login/")
