"""Every page of the real platform: no barrier for anybody, nothing to scroll sideways."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.platforms import Platform
from tests.ui.test_every_page_is_usable import barriers

DEMO = "/workspaces/demo"
FILES = f"{DEMO}/files/s3:demo/"
PAGES = [
    "/?all",
    "/workspaces/create/",
    "/accounts/password/",
    f"{DEMO}/",
    f"{DEMO}/home-page/",
    f"{DEMO}/members/",
    f"{DEMO}/settings/",
    f"{DEMO}/notebooks/",
    FILES,
    f"{FILES}data/fertility-by-age.csv",
    f"{FILES}demo-python.ipynb",
    f"{FILES}data/SOURCE.md",
    "/no-such-page/",
]


@pytest.fixture(scope="module")
def admin(chromium: Browser, running_platform: Platform) -> Iterator[BrowserContext]:
    context = chromium.new_context(base_url=running_platform.url)
    page = context.new_page()
    page.goto("/accounts/login/")
    assert barriers(page) == []
    page.fill("input[name=login]", running_platform.admin_email)
    page.fill("input[name=password]", running_platform.admin_password)
    page.locator("form:has(input[name=login]) button").click()
    page.wait_for_url(lambda url: "login" not in url)
    deadline = time.monotonic() + 60
    while not context.request.get(f"{FILES}demo-python.ipynb").ok:
        assert time.monotonic() < deadline, "the Demo workspace does not appear"
        time.sleep(0.5)
    yield context
    context.close()


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_barrier_and_fits(
    admin: BrowserContext, running_platform: Platform, path: str, language: str
) -> None:
    admin.add_cookies(
        [{"name": "hexa_language", "value": language, "url": running_platform.url}]
    )
    page = admin.new_page()
    page.goto(path)
    assert page.locator("html").get_attribute("lang") == language
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for theme in ("light", "dark"):
            page.emulate_media(
                color_scheme="dark" if theme == "dark" else "light",
                reduced_motion="reduce",
            )
            assert barriers(page) == [], f"{theme}, {width} px"
    page.close()
