"""Every page of the real platform: no barrier for anybody, nothing to scroll sideways."""

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
    f"{DEMO}/files/drives/",
    f"{DEMO}/files/drives/connect/",
    f"{DEMO}/files/drives/connect/google/",
    f"{DEMO}/files/search/s3:demo/?q=fertility",
    f"{DEMO}/files/search/s3:demo/?q=nothing-like-this&folder=data/",
    "/no-such-page/",
]


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


def test_the_page_to_sign_in_has_no_barrier(
    chromium: Browser, running_platform: Platform
) -> None:
    page = chromium.new_page(base_url=running_platform.url)
    page.goto("/accounts/login/")
    assert barriers(page) == []
    page.close()
