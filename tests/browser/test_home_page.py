"""The home page of a workspace, edited in its place: nothing typed is lost."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, Route, expect

from tests.ui.test_every_page_is_usable import barriers

pytestmark = pytest.mark.usefixtures("in_english")

HOME = "/workspaces/in-its-place/"


@pytest.fixture(scope="module")
def workspace(admin: BrowserContext) -> None:
    page = admin.new_page()
    page.goto("/workspaces/create/")
    page.fill("input[name=name]", "In its place")
    page.locator("main form button").first.click()
    page.wait_for_url(f"**{HOME}")
    page.close()


@pytest.fixture
def page(admin: BrowserContext, workspace: None) -> Iterator[Page]:  # noqa: ARG001 # it is there
    page = admin.new_page()
    page.goto(HOME)
    yield page
    page.close()


def edit(page: Page) -> None:
    page.get_by_role("link", name="Edit this page").click()
    expect(page.locator("hexa-editor textarea")).to_be_focused()


def test_the_text_becomes_an_editor_and_is_read_again(page: Page) -> None:
    page.evaluate("window.same = true")
    edit(page)
    page.locator("textarea").fill("# Hello\n\n[cases](data/cases.csv)")
    expect(page.locator("#home-preview h1")).to_have_text("Hello")
    expect(page.locator("[data-state]")).to_have_text("Not saved yet")
    assert barriers(page) == []
    page.keyboard.press("Control+s")
    expect(page.locator("#home-page > article h1")).to_have_text("Hello")
    expect(page.get_by_role("link", name="Edit this page")).to_be_focused()
    assert page.url.endswith(HOME)
    assert page.evaluate("window.same"), "the page was loaded anew"
    kept = page.evaluate("Object.keys(sessionStorage)")
    assert not [key for key in kept if key.startswith("hexa-draft")]


def test_escape_and_a_reload_lose_nothing(page: Page) -> None:
    edit(page)
    page.locator("textarea").fill("typed, not saved")
    page.keyboard.press("Escape")
    expect(page.locator("#home-page > article, #home-page > .empty")).to_be_visible()
    expect(page.get_by_text("Not saved. Edit the page again")).to_be_visible()
    edit(page)
    expect(page.locator("textarea")).to_have_value("typed, not saved")
    expect(page.locator("#home-preview")).to_have_text("typed, not saved")
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.reload()
    assert asked == ["beforeunload"]
    expect(page.locator("textarea")).to_have_value("typed, not saved")
    page.get_by_role("button", name="Use the saved text").click()
    expect(page.locator("[data-state]")).to_have_text("")
    page.keyboard.press("Escape")


def test_what_was_typed_before_the_editor_came_is_kept_too(page: Page) -> None:
    held: list[Route] = []
    page.route("**/chunks/editor*", lambda route: held.append(route))  # noqa: PLW0108 # not a built-in
    page.reload()
    edit(page)
    page.locator("textarea").fill("typed early")
    held.pop().continue_()
    expect(page.locator("[data-state]")).to_have_text("Not saved yet")
    page.keyboard.press("Escape")
    edit(page)
    expect(page.locator("textarea")).to_have_value("typed early")
    page.get_by_role("button", name="Use the saved text").click()


def test_the_later_of_two_sees_both_texts_and_decides(
    page: Page, admin: BrowserContext
) -> None:
    edit(page)
    other = admin.new_page()
    other.goto(f"{HOME}home-page/")
    other.locator("hexa-editor textarea").fill("theirs")
    other.keyboard.press("Control+s")
    expect(other.locator("#home-page > article")).to_have_text("theirs")
    other.close()
    page.locator("textarea").fill("mine")
    page.keyboard.press("Control+s")
    expect(page.locator(".callout-warn")).to_contain_text("Somebody else saved")
    expect(page.locator(".home-columns .code")).to_contain_text("theirs")
    expect(page.locator("textarea")).to_have_value("mine")
    assert barriers(page) == []
    page.keyboard.press("Control+s")
    expect(page.locator("#home-page > article")).to_have_text("mine")
