import pytest
from django.test import Client

from hexa.files import actions as files
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
    assert "ben&#x27;s" in html
    assert 'name="based_on" value="1"' in html
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


def test_the_editor_comes_as_a_part_and_previews_without_saving(
    signed_in: SignedIn,
) -> None:
    ana = make_person()
    workspace = make_workspace(by=ana)
    url = f"{workspace.get_absolute_url()}home-page/"
    client = signed_in(ana)
    editor = client.get(url, headers={"HX-Target": "home-page"}).content.decode()
    assert editor.lstrip().startswith('<section id="home-page"')
    assert "<textarea" in editor
    typed = {"text": "# Typed\n<b onclick=x>", "based_on": "0", "preview": "1"}
    drawn = client.post(url, typed, headers={"HX-Target": "home-preview"})
    assert "<h1>Typed</h1>" in drawn.content.decode()
    assert "<b" not in drawn.content.decode()
    assert "<textarea" not in drawn.content.decode()
    whole = client.post(url, typed).content.decode()
    assert "<html" in whole
    assert "<h1>Typed</h1>" in whole
    assert Workspace.objects.get(pk=workspace.pk).home_page == ""


def test_who_is_signed_out_is_told_in_the_page(client: Client) -> None:
    url = f"{make_workspace().get_absolute_url()}home-page/"
    assert client.post(url).status_code == 302
    told = client.post(url, headers={"HX-Request": "true"})
    assert told.status_code == 401
    assert "Sign in again" in told.content.decode()
    assert told.headers["HX-Reswap"] == "none"


def test_links_and_pictures_lead_to_files_of_the_workspace_alone(
    signed_in: SignedIn,
) -> None:
    ana = make_person()
    workspace, other = make_workspace(by=ana), make_workspace()
    here, there = workspace.slug, other.slug
    own = files.own_bucket(workspace)
    theirs = files.own_bucket(other)
    text = "\n\n".join(
        [
            "[named](data/cas%20d%C3%A9c%C3%A8s.csv)",
            f"[addressed](<s3://{own}/data/a b.csv>)",
            f"[explored](s3:{own}/data/)",
            "[mounted](/home/hexa/workspace/data/a.csv)",
            f"![drawn](s3://{own}/maps/map.png)",
            f"[foreign](s3://{theirs}/data/a.csv)",
            "[out](../../settings.csv) [page](/accounts/password/) [web](https://example.org/a)",
        ]
    )
    actions.write_home_page(workspace, text=text, based_on=0, by=ana)
    html = signed_in(ana).get(workspace.get_absolute_url()).content.decode()
    files_page = f"/workspaces/{here}/files/s3:{own}"
    assert f'href="{files_page}/data/cas%20d%C3%A9c%C3%A8s.csv"' in html
    assert f'href="{files_page}/data/a%20b.csv"' in html
    assert f'href="{files_page}/data/"' in html
    assert f'href="{files_page}/data/a.csv"' in html
    assert f'src="/workspaces/{here}/files/content/s3:{own}/maps/map.png"' in html
    assert f"/workspaces/{there}/" not in html
    assert 'href="../../settings.csv"' in html
    assert 'href="/accounts/password/"' in html
    assert 'href="https://example.org/a"' in html
