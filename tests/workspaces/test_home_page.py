import pytest

from hexa.workspaces import actions, errors
from hexa.workspaces.models import Role, Workspace
from tests.conftest import SignedIn
from tests.makers import make_member, make_person, make_workspace

pytestmark = pytest.mark.django_db


def test_what_people_write_is_shown_and_never_run(signed_in: SignedIn) -> None:
    ana = make_person()
    workspace = make_workspace(by=ana)
    text = "# Paludisme\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n<script>alert(1)</script>[x](javascript:alert(1))"
    actions.write_home_page(workspace, text=text, based_on=0, by=ana)
    html = signed_in(ana).get(workspace.get_absolute_url()).content.decode()
    assert "<h1>Paludisme</h1>" in html
    assert "<td>1</td>" in html
    assert "alert(1)</script>" not in html
    assert 'href="javascript' not in html


def test_the_later_of_two_writers_is_told_and_loses_nothing(
    signed_in: SignedIn,
) -> None:
    ana = make_person()
    workspace = make_workspace(by=ana)
    ben = make_member(workspace, role=Role.EDITOR)
    actions.write_home_page(workspace, text="ben's", based_on=0, by=ben)
    response = signed_in(ana).post(
        f"{workspace.get_absolute_url()}home-page/", {"text": "ana's", "based_on": "0"}
    )
    html = response.content.decode()
    assert "Somebody else saved this page" in html
    assert "ana&#x27;s" in html
    assert Workspace.objects.get(pk=workspace.pk).home_page == "ben's"
    with pytest.raises(errors.HomePageChanged):
        actions.write_home_page(workspace, text="old", based_on=0, by=ana)


def test_viewers_do_not_edit(signed_in: SignedIn) -> None:
    workspace = make_workspace()
    viewer = make_member(workspace, role=Role.VIEWER)
    url = f"{workspace.get_absolute_url()}home-page/"
    assert signed_in(viewer).get(url).status_code == 403
    assert (
        signed_in(viewer).post(url, {"text": "x", "based_on": "0"}).status_code == 403
    )
