import re

import pytest
from django.test import Client

from hexa.accounts import actions, errors
from hexa.accounts.models import SetupLink, User
from hexa.foundation.actors import System
from tests.conftest import SignedIn
from tests.makers import PASSWORD, make_person, make_workspace

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"


def sign_in(client: Client, email: str, password: str) -> int:
    response = client.post(LOGIN, {"login": email, "password": password})
    return response.status_code


def test_people_sign_in_by_email_in_any_case() -> None:
    ana, client = make_person(), Client()
    assert sign_in(client, ana.email.upper(), PASSWORD) == 302
    assert client.get("/").status_code == 200


def test_an_unknown_address_and_a_wrong_password_read_alike() -> None:
    ana = make_person()
    pages = []
    for email in (ana.email, "nobody@example.org"):
        response = Client().post(LOGIN, {"login": email, "password": "wrong"})
        assert response.status_code == 200
        html = response.content.decode().replace(email, "")
        pages.append(re.sub(r'[A-Za-z0-9]{64}|id="[^"]+"', "", html))
    assert pages[0] == pages[1]


def test_guessing_is_slowed_down() -> None:
    ana, client = make_person(), Client()
    answers = [sign_in(client, ana.email, f"guess {n}") for n in range(6)]
    assert set(answers[:5]) == {200}
    assert sign_in(client, ana.email, PASSWORD) == 200, "even the right one waits"


def test_anonymous_people_are_sent_to_sign_in_and_back() -> None:
    response = Client().get("/workspaces/create/")
    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=%2Fworkspaces%2Fcreate%2F"


def test_signing_out_ends_both_sides() -> None:
    ana, client = make_person(), Client()
    sign_in(client, ana.email, PASSWORD)
    assert client.get("/accounts/logout/").status_code == 302
    assert client.get("/").status_code == 200, "a link alone signs nobody out"
    response = client.post("/accounts/logout/")
    assert response["Location"] == "/notebooks/hub/logout"
    assert client.get("/").status_code == 302


def test_the_hub_signs_out_of_this_side_too() -> None:
    ana, client = make_person(), Client()
    sign_in(client, ana.email, PASSWORD)
    response = client.get("/accounts/logout/?from=hub")
    assert response["Location"] == LOGIN
    assert client.get("/").status_code == 302


def test_a_deactivated_person_is_out_at_once() -> None:
    ana, client = make_person(), Client()
    sign_in(client, ana.email, PASSWORD)
    actions.deactivate(ana, by=System("tests"))
    assert client.get("/").status_code == 302
    assert sign_in(Client(), ana.email, PASSWORD) != 302 or (
        Client().get("/").status_code == 302
    )


def test_the_last_administrator_stays() -> None:
    User.objects.get_queryset().update(is_admin=False)
    ana = make_person(is_admin=True)
    with pytest.raises(errors.LastAdmin):
        actions.deactivate(ana, by=System("tests"))


def test_a_changed_password_is_confirmed_and_ends_other_sessions(
    signed_in: SignedIn,
) -> None:
    ana = make_person()
    here, elsewhere = signed_in(ana), signed_in(ana)
    words = {"oldpassword": "wrong", "password1": "another long one"}
    words["password2"] = words["password1"]
    refused = here.post("/accounts/password/", words)
    assert refused.status_code == 200
    done = here.post("/accounts/password/", words | {"oldpassword": PASSWORD})
    assert done["Location"] == "/"
    assert "Your password is changed." in here.get("/").content.decode()
    assert elsewhere.get("/").status_code == 302
    assert sign_in(Client(), ana.email, words["password1"]) == 302


@pytest.mark.parametrize("password", ["short", "password123", ""])
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(errors.WeakPassword):
        actions.create_person(
            email="new@example.org", name="New", password=password, by=System("tests")
        )


def test_an_address_is_taken_once_in_any_case() -> None:
    ana = make_person()
    with pytest.raises(errors.EmailTaken):
        actions.create_person(
            email=ana.email.upper(), name="B", password=PASSWORD, by=System("tests")
        )


def test_the_setup_link_works_once() -> None:
    token = actions.issue_setup_link()
    assert token is not None
    client = Client()
    url = f"/set-up/{token}/"
    assert client.get(url).status_code == 200
    form = {"name": "Ana", "email": "ana@example.org", "password": "short"}
    assert client.post(url, form).status_code == 200
    form["password"] = PASSWORD
    assert client.post(url, form).status_code == 302
    assert client.get("/").status_code == 200
    assert Client().get(url).status_code == 404
    assert actions.issue_setup_link() is None
    assert not SetupLink.objects.exists()


def test_language_follows_the_person_and_needs_no_account() -> None:
    client = Client()
    assert "Sign in" in client.get(LOGIN).content.decode()
    client.post("/language/", {"language": "fr", "next": LOGIN})
    assert 'lang="fr"' in client.get(LOGIN).content.decode()
    away = client.post("/language/", {"language": "fr", "next": "https://evil.example"})
    assert away["Location"] == "/"


@pytest.mark.parametrize(
    ("known", "cookie", "browser", "spoken"),
    [
        ("", "", "fr", "fr"),
        ("", "", "de", "en"),
        ("fr", "", "en", "fr"),
        ("fr", "en", "fr", "en"),
    ],
    ids=["first visit", "first visit, neither", "chosen elsewhere", "chosen here"],
)
def test_notebooks_speak_the_language_of_the_pages(
    signed_in: SignedIn, known: str, cookie: str, browser: str, spoken: str
) -> None:
    ana = make_person(language=known)
    client = signed_in(ana)
    if cookie:
        client.cookies["hexa_language"] = cookie
    html = client.get("/", headers={"accept-language": browser}).content.decode()
    assert f'lang="{spoken}"' in html
    ana.refresh_from_db()
    assert ana.speaks == spoken


def test_a_person_with_one_workspace_lands_in_it() -> None:
    ana, client = make_person(), Client()
    workspace = make_workspace(by=ana)
    sign_in(client, ana.email, PASSWORD)
    assert client.get("/")["Location"] == workspace.get_absolute_url()
    assert workspace.name in client.get("/?all").content.decode()
