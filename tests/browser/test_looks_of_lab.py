"""JupyterLab in the colours and the language of our pages."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.conftest import is_in_lab, speak
from tests.platforms import Platform

# JupyterLab is loaded several times here, on machines that may be busy.
pytestmark = [pytest.mark.usefixtures("in_english"), pytest.mark.timeout(600)]

LAB = "/notebooks/user/admin/demo/lab"
THEMES = (
    "/notebooks/user/admin/demo/lab/api/settings/@jupyterlab/apputils-extension:themes"
)


@pytest.fixture
def page(page: Page) -> Page:
    page.emulate_media(color_scheme="light")
    return page


def press_theme(page: Page, label: str) -> None:
    """The button on our pages, by what it changes to."""
    page.goto("/workspaces/demo/")
    with page.expect_response("**/theme/"):
        page.get_by_role("button", name=label).click()


def test_lab_follows_the_button_of_our_pages(page: Page) -> None:
    body = page.locator("body")
    press_theme(page, "Change to light")
    for label, is_light in [
        ("Change to dark", "false"),
        ("Change to that of the system", "true"),
    ]:
        press_theme(page, label)
        page.goto(LAB)
        is_in_lab(page)
        expect(body).to_have_attribute("data-jp-theme-light", is_light)
    # The system's changes in the evening, while Lab is open.
    page.emulate_media(color_scheme="dark")
    expect(body).to_have_attribute("data-jp-theme-light", "false")


def test_a_theme_chosen_in_lab_stays(page: Page) -> None:
    body = page.locator("body")
    press_theme(page, "Change to light")
    page.goto(LAB)
    is_in_lab(page)
    page.get_by_role("menuitem", name="Settings", exact=True).click()
    exactly = re.compile("^Theme$")
    page.locator(".lm-Menu-itemLabel").filter(has_text=exactly).click()
    with page.expect_response(lambda answer: answer.request.method == "PUT"):
        exactly = re.compile("^JupyterLab Dark$")
        page.locator(".lm-Menu-itemLabel").filter(has_text=exactly).click()
    expect(body).to_have_attribute("data-jp-theme-light", "false")
    try:
        press_theme(page, "Change to dark")
        press_theme(page, "Change to that of the system")
        page.goto(LAB)
        is_in_lab(page)
        expect(body).to_have_attribute("data-jp-theme-light", "false")
    finally:
        page.context.request.put(
            THEMES,
            data={"raw": "{}"},
            headers={"X-XSRFToken": _xsrf(page), "Referer": page.url},
        )


def test_lab_follows_the_language_of_our_pages(
    page: Page, admin: BrowserContext, running_platform: Platform
) -> None:
    speak(admin, running_platform, "fr")
    page.goto(LAB)
    is_in_lab(page)
    expect(page.get_by_role("menuitem", name="Fichier", exact=True)).to_be_visible()
    speak(admin, running_platform, "en")
    page.goto(LAB)
    is_in_lab(page)
    expect(page.get_by_role("menuitem", name="File", exact=True)).to_be_visible()


def _xsrf(page: Page) -> str:
    found = [each for each in page.context.cookies(page.url) if each["name"] == "_xsrf"]
    return str(max(found, key=lambda each: len(each["path"]))["value"])


def test_a_part_of_lab_that_does_not_arrive_is_told(page: Page) -> None:
    """On a line that is cut Lab's page would stay empty."""
    cut: list[str] = []

    def cut_one(route: Route) -> None:
        if cut:
            route.continue_()
        else:
            cut.append(route.request.url)
            route.abort()

    page.route(re.compile(r"/static/lab/[0-9]+\.[0-9a-f]+\.js"), cut_one)
    page.goto(LAB)
    expect(page.get_by_role("alert")).to_contain_text("did not arrive")
    page.get_by_role("button", name="Reload").click()
    is_in_lab(page)
    expect(page.locator("#hexa-opening")).to_have_count(0)
    assert cut
