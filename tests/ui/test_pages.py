"""What the server sends, read without a browser."""

import re
from collections.abc import Iterator

import httpx
import pytest


class Visitor:
    """A person's browser, as far as requests go: cookies and redirects."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def get(self, path: str, **headers: str) -> str:
        asked = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(path, headers=asked).text

    def post(self, path: str, **fields: str) -> str:
        """The address one ends up at."""
        token = re.search(
            r'name="csrfmiddlewaretoken" value="(\w+)"', self.get("/fields/")
        )
        assert token
        form = {**fields, "csrfmiddlewaretoken": token[1]}
        return self.client.post(path, data=form).url.path


@pytest.fixture
def visitor(site: str) -> Iterator[Visitor]:
    with httpx.Client(base_url=site, follow_redirects=True) as client:
        yield Visitor(client)


@pytest.mark.parametrize(
    "path", ["/ui/", "/bare/", "/fields/", "/upload/", "/nowhere/"]
)
def test_no_script_or_style_is_written_into_a_page(visitor: Visitor, path: str) -> None:
    text = visitor.get(path)
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text)
    assert re.findall(r"<script(?![^>]*\bsrc=)", text) == []


@pytest.mark.parametrize("path", ["/ui/", "/bare/", "/upload/"])
def test_an_id_is_used_once(visitor: Visitor, path: str) -> None:
    ids = re.findall(r'\sid="([^"]+)"', visitor.get(path))
    assert len(ids) == len(set(ids))


def test_a_partial_is_drawn_only_when_it_is_the_target(visitor: Visitor) -> None:
    path = "/w/demo/files/"
    assert visitor.get(path, HX_Target="count").startswith('<section id="count">')
    assert visitor.get(path, HX_Target="other").startswith("<!doctype html>")
    assert visitor.get(path).startswith("<!doctype html>")


def test_a_toast_is_shown_once(visitor: Visitor) -> None:
    path = "/w/demo/files/"
    visitor.post("/ui/theme/", theme="dark", next="/")  # any POST sets the token
    assert visitor.post(path) == path
    assert "Deleted cases.csv." not in visitor.get(path)


def test_a_preference_leads_back_to_this_site_only(visitor: Visitor) -> None:
    assert visitor.post("/ui/theme/", theme="dark", next="/fields/") == "/fields/"
    assert visitor.post("/ui/theme/", theme="dark", next="https://example.org/") == "/"
    assert visitor.post("/ui/side/", side="folded", next="//example.org/") == "/"


def test_a_preference_that_is_no_choice_is_not_kept(visitor: Visitor) -> None:
    visitor.post("/ui/theme/", theme='"><script>', next="/")
    assert "hexa_theme" not in set(visitor.client.cookies)


def test_preferences_change_by_post_only(visitor: Visitor) -> None:
    assert visitor.client.get("/ui/theme/?theme=dark").status_code == 405


def test_outside_a_workspace_the_sidebar_lists_them(visitor: Visitor) -> None:
    text = visitor.get("/nowhere/")
    assert 'class="side-link" href="/w/demo/"' in text
    assert "Choose a workspace" in text


def test_the_current_entry_is_the_closest_one(visitor: Visitor) -> None:
    text = visitor.get("/w/malaria-team/files/")
    current = re.findall(r'side-link" href="([^"]+)" aria-current', text)
    assert current == ["/w/malaria-team/files/"]
