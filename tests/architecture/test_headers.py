"""What every page says to browsers, whatever it shows."""

from collections.abc import Mapping

import pytest
from django.test import Client

from hexa.workspaces.models import Workspace
from tests.conftest import SignedIn
from tests.makers import make_person, make_workspace

pytestmark = pytest.mark.django_db

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
}


def pages(workspace: Workspace) -> list[str]:
    base = f"/workspaces/{workspace.slug}"
    drive = f"{base}/files/s3:{workspace.slug}/"
    return [
        "/?all",
        "/accounts/password/",
        "/palette/?q=m",
        "/workspaces/create/",
        f"{base}/",
        f"{base}/home-page/",
        f"{base}/settings/",
        f"{base}/members/",
        f"{base}/notebooks/",
        drive,
        f"{drive}no-such-file.csv",
        f"{base}/files/trash/s3:{workspace.slug}/",
        f"{base}/files/versions/s3:{workspace.slug}/x.csv",
        f"{base}/files/move/s3:{workspace.slug}/?path=x",
        f"{base}/files/rename/s3:{workspace.slug}/?path=x",
        "/no-such-page/",
    ]


def check(headers: Mapping[str, str]) -> None:
    policy = {part.strip() for part in headers["Content-Security-Policy"].split(";")}
    assert policy >= POLICY
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_every_page_forbids_what_it_does_not_need(signed_in: SignedIn) -> None:
    ana = make_person()
    workspace = make_workspace(by=ana)
    client = signed_in(ana)
    for url in pages(workspace):
        check(client.get(url).headers)
    for url in ("/accounts/login/", "/set-up/wrong/", "/api/session/", "/ready"):
        check(Client().get(url).headers)


def test_cookies_stay_out_of_scripts_and_other_sites() -> None:
    ana, client = make_person(), Client()
    client.get("/accounts/login/")
    client.post(
        "/accounts/login/", {"login": ana.email, "password": "correct horse battery"}
    )
    assert set(client.cookies) >= {"hexa_session", "hexa_csrf"}
    for name in ("hexa_session", "hexa_csrf"):
        assert client.cookies[name]["httponly"]
        assert client.cookies[name]["samesite"] == "Lax"


def test_pages_hold_no_inline_script_or_style(signed_in: SignedIn) -> None:
    ana = make_person()
    workspace = make_workspace(by=ana)
    client = signed_in(ana)
    for url in pages(workspace):
        html = client.get(url).content.decode()
        assert " style=" not in html, url
        assert " onclick=" not in html, url


@pytest.mark.parametrize("page", ["files", "home", "members", "notebooks", "all"])
def test_a_page_asks_the_database_a_constant_number_of_times(
    signed_in: SignedIn, django_assert_max_num_queries: object, page: str
) -> None:
    ana = make_person()
    workspace = make_workspace(by=ana)
    base = f"/workspaces/{workspace.slug}"
    url = {
        "files": f"{base}/files/s3:{workspace.slug}/",
        "home": f"{base}/",
        "members": f"{base}/members/",
        "notebooks": f"{base}/notebooks/",
        "all": "/?all",
    }[page]
    client = signed_in(ana)
    client.get(url)
    assert callable(django_assert_max_num_queries)
    with django_assert_max_num_queries(10):
        assert client.get(url).status_code == 200
