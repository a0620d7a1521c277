"""Lab's theme and language follow what was chosen on the platform's pages."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.lab.server import Lab

THEMES = "@jupyterlab/apputils-extension:themes"
TRANSLATION = "@jupyterlab/translation-extension:plugin"


@pytest.fixture(autouse=True)
def nothing_chosen(lab: Lab) -> Iterator[None]:
    yield
    lab.http.cookies.clear()
    for plugin in (THEMES, TRANSLATION):
        choose_in_lab(lab, plugin, {})


def choose_in_lab(lab: Lab, plugin: str, chosen: dict[str, object]) -> None:
    url = f"/lab/api/settings/{plugin}"
    assert lab.http.put(url, json={"raw": json.dumps(chosen)}).status_code == 204


def choose_on_our_pages(lab: Lab, **cookies: str) -> None:
    lab.http.cookies.clear()
    for name, value in cookies.items():
        lab.http.cookies.set(name, value)


def plugins(lab: Lab) -> dict[str, Any]:
    answer = lab.http.get("/lab/api/settings").json()
    return {plugin["id"]: plugin for plugin in answer["settings"]}


def used(plugin: dict[str, Any]) -> dict[str, Any]:
    """As Lab's front end puts it together."""
    told = plugin["schema"]["properties"]
    defaults = {name: each.get("default") for name, each in told.items()}
    return {**defaults, **plugin["settings"]}


def theme(lab: Lab) -> str:
    alone = lab.http.get(f"/lab/api/settings/{THEMES}").json()
    in_list = plugins(lab)[THEMES]
    assert used(alone) == used(in_list)
    settings = used(alone)
    return "system" if settings["adaptive-theme"] else str(settings["theme"])


def locale(lab: Lab) -> str:
    return str(used(plugins(lab)[TRANSLATION])["locale"])


@pytest.mark.parametrize(
    ("cookie", "expected"),
    [
        ("light", "JupyterLab Light"),
        ("dark", "JupyterLab Dark"),
        ("auto", "system"),
        ("magenta", "system"),
        (None, "system"),
    ],
)
def test_the_theme_is_the_one_of_our_pages(
    lab: Lab, cookie: str | None, expected: str
) -> None:
    choose_on_our_pages(lab, **({"hexa_theme": cookie} if cookie else {}))
    assert theme(lab) == expected


def test_a_change_shows_at_the_next_load(lab: Lab) -> None:
    for cookie, expected in [
        ("dark", "JupyterLab Dark"),
        ("light", "JupyterLab Light"),
        ("auto", "system"),
        ("dark", "JupyterLab Dark"),
    ]:
        choose_on_our_pages(lab, hexa_theme=cookie)
        assert theme(lab) == expected


@pytest.mark.parametrize("cookie", ["light", "dark", "auto"])
@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"theme": "JupyterLab Dark"}, "JupyterLab Dark"),
        ({"theme": "JupyterLab Light"}, "JupyterLab Light"),
        ({"theme": "JupyterLab Dark High Contrast"}, "JupyterLab Dark High Contrast"),
        ({"adaptive-theme": True}, "system"),
        (
            {"theme": "JupyterLab Dark", "adaptive-theme": False},
            "JupyterLab Dark",
        ),
    ],
)
def test_what_was_chosen_in_lab_stands_above_it(
    lab: Lab, cookie: str, chosen: dict[str, object], expected: str
) -> None:
    choose_on_our_pages(lab, hexa_theme="light")
    choose_in_lab(lab, THEMES, chosen)
    choose_on_our_pages(lab, hexa_theme=cookie)
    assert theme(lab) == expected


def test_a_theme_that_lab_followed_the_system_to_was_not_chosen(lab: Lab) -> None:
    """It keeps one when the system changes while a page is open."""
    choose_on_our_pages(lab, hexa_theme="auto")
    choose_in_lab(lab, THEMES, {"theme": "JupyterLab Dark", "theme-scrollbars": True})
    assert theme(lab) == "system"
    assert used(plugins(lab)[THEMES])["theme-scrollbars"] is True
    choose_on_our_pages(lab, hexa_theme="light")
    assert theme(lab) == "JupyterLab Light"


@pytest.mark.parametrize(
    ("cookie", "expected"), [("fr", "fr_FR"), ("en", "en"), ("xx", "en"), (None, "en")]
)
def test_the_language_is_the_one_of_our_pages(
    lab: Lab, cookie: str | None, expected: str
) -> None:
    choose_on_our_pages(lab, **({"hexa_language": cookie} if cookie else {}))
    assert locale(lab) == expected
    said = plugins(lab)["@jupyterlab/notebook-extension:panel"]["schema"]["description"]
    assert said == (
        "Paramètres du Notebook." if expected == "fr_FR" else "Notebook Panel settings."
    )


def test_a_language_chosen_in_lab_stands_above_it(lab: Lab) -> None:
    choose_in_lab(lab, TRANSLATION, {"locale": "en"})
    choose_on_our_pages(lab, hexa_language="fr")
    assert locale(lab) == "en"


def test_other_settings_keep_their_defaults(lab: Lab) -> None:
    choose_on_our_pages(lab, hexa_theme="dark", hexa_language="fr")
    found = plugins(lab)
    sanitizer = used(found["@jupyterlab/apputils-extension:sanitizer"])
    assert sanitizer["allowCommandLinker"] is False
    assert len(found) > 50


def test_settings_are_for_those_who_signed_in(lab: Lab) -> None:
    url = lab.http.base_url.join(f"/lab/api/settings/{THEMES}")
    assert httpx.get(url, trust_env=False).status_code == 403


@pytest.mark.parametrize(
    ("cookies", "markup", "words"),
    [
        ({}, '<div id="hexa-opening" lang="en">', "JupyterLab is loading"),
        (
            {"hexa_language": "fr", "hexa_theme": "dark"},
            '<div id="hexa-opening" style="color-scheme: dark" lang="fr">',
            "Chargement de JupyterLab",
        ),
        (
            {"hexa_language": "<b>", "hexa_theme": "red; top: 0"},
            '<div id="hexa-opening" lang="en">',
            "JupyterLab is loading",
        ),
    ],
)
def test_what_is_seen_while_lab_comes(
    lab: Lab, cookies: dict[str, str], markup: str, words: str
) -> None:
    choose_on_our_pages(lab, **cookies)
    page = lab.http.get("/lab").text
    assert markup in page
    assert words in page
