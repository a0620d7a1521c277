import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.platforms import Platform

# JupyterLab is loaded on machines that may be busy.
LAB_PATIENCE_MS = 90_000
NOTEBOOK = "/workspaces/demo/files/s3:demo/demo-python.ipynb"


@pytest.fixture(scope="module")
def admin(chromium: Browser, running_platform: Platform) -> Iterator[BrowserContext]:
    """Signed in to the shared platform, once its Demo workspace is there."""
    running_platform.wait_until_ready()
    context = chromium.new_context(base_url=running_platform.url)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("input[name=login]", running_platform.admin_email)
    page.fill("input[name=password]", running_platform.admin_password)
    page.locator("form:has(input[name=login]) button").click()
    page.wait_for_url(lambda url: "login" not in url)
    speak_english(context, running_platform)
    deadline = time.monotonic() + 60
    while not context.request.get(NOTEBOOK).ok:
        assert time.monotonic() < deadline, "the Demo workspace does not appear"
        time.sleep(0.5)
    yield context
    context.close()


@pytest.fixture
def page(admin: BrowserContext) -> Iterator[Page]:
    page = admin.new_page()
    page.set_default_timeout(LAB_PATIENCE_MS)
    yield page
    page.close()


@pytest.fixture
def in_english(admin: BrowserContext, running_platform: Platform) -> None:
    speak_english(admin, running_platform)


def speak_english(context: BrowserContext, platform: Platform) -> None:
    """Whatever language the person was left with by the test before."""
    speak(context, platform, "en")


def speak(context: BrowserContext, platform: Platform, language: str) -> None:
    context.add_cookies(
        [{"name": "hexa_language", "value": language, "url": platform.url}]
    )


def is_in_lab(page: Page) -> None:
    """JupyterLab of the Demo workspace is there, with the bucket in its explorer."""
    page.wait_for_url("**/lab**", timeout=LAB_PATIENCE_MS)
    drive = page.get_by_role("listitem", name="s3:demo")
    expect(drive).to_be_visible(timeout=LAB_PATIENCE_MS)
