"""Cookies belong to a name: people are led to the one that sign-in goes by."""

import pytest
from django.conf import settings
from django.test import Client

NAVIGATED = {"Sec-Fetch-Mode": "navigate"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(client: Client) -> Client:
    client.defaults["HTTP_HOST"] = "localhost:8888"
    return client


def test_a_browser_at_localhost_is_led_to_the_public_address(here: Client) -> None:
    answer = here.get("/accounts/login/?next=/a%20b", headers=NAVIGATED)
    assert answer.status_code == 302
    assert answer["Location"] == f"{settings.PUBLIC_URL}/accounts/login/?next=/a%20b"


def test_programs_and_forms_are_answered_where_they_ask(here: Client) -> None:
    assert here.get("/accounts/login/").status_code == 200
    posted = here.post("/language/", {"language": "fr"}, headers=NAVIGATED)
    assert posted.status_code == 302
    assert posted["Location"] == "/"


def test_who_came_by_the_public_address_is_not_led(client: Client) -> None:
    client.defaults["HTTP_HOST"] = settings.PUBLIC_URL.removeprefix("http://")
    assert client.get("/accounts/login/", headers=NAVIGATED).status_code == 200
