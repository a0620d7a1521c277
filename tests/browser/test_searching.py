"""Finding a file as one types, from the keyboard alone."""

import re
import time

import pytest
from playwright.sync_api import BrowserContext, expect

pytestmark = pytest.mark.usefixtures("in_english")

FILES = "/workspaces/demo/files/s3:demo/"
SEARCH = "/workspaces/demo/files/search/s3:demo/?q=fertility-by-age"
PATIENCE_S = 60


@pytest.fixture(scope="module", autouse=True)
def known(admin: BrowserContext) -> None:
    """The Demo's files were made a moment ago: until the worker has heard of them."""
    deadline = time.monotonic() + PATIENCE_S
    while "<mark>fertility-by-age</mark>" not in admin.request.get(SEARCH).text():
        assert time.monotonic() < deadline, "the index knows nothing of the Demo"
        time.sleep(0.2)


def test_hits_come_while_one_types_and_stay_in_the_address(
    admin: BrowserContext,
) -> None:
    page = admin.new_page()
    page.goto(FILES)
    page.keyboard.press("/")
    page.keyboard.type("FERTIL")
    hit = page.locator("#listing").get_by_role("link", name="fertility-by-age.csv")
    expect(hit).to_be_visible()
    expect(page.locator("#listing mark").first).to_have_text("fertil")
    expect(page).to_have_url(re.compile(r"/files/search/s3:demo/\?q=FERTIL$"))
    page.reload()
    expect(page.get_by_role("searchbox")).to_have_value("FERTIL")
    hit.click()
    expect(page).to_have_url(re.compile(r"/data/fertility-by-age\.csv$"))
    page.close()


def test_ctrl_k_opens_a_file(admin: BrowserContext) -> None:
    page = admin.new_page()
    page.goto("/?all")
    page.keyboard.press("Control+k")
    page.keyboard.type("fertility age")
    hit = page.get_by_role("option", name="fertility-by-age.csv")
    expect(hit).to_be_visible()
    expect(hit).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/data/fertility-by-age\.csv$"))
    page.close()
