"""A bookmark of a file in JupyterLab, while its server does not run."""

from collections.abc import Iterator
from urllib.parse import quote, unquote

import obstore
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.bench.files import store_of
from tests.browser.conftest import LAB_PATIENCE_MS, speak_english
from tests.platforms import Platform

# JupyterLab is loaded several times here, on machines that may be busy.
pytestmark = [pytest.mark.usefixtures("in_english"), pytest.mark.timeout(600)]

NAME = "100% d'été & été 2.md"
FILE = f"s3:demo/données 2026/{NAME}"


@pytest.fixture(scope="module", autouse=True)
def stored(running_platform: Platform, admin: BrowserContext) -> None:  # noqa: ARG001 - signed in, so the bucket is there
    store = store_of(running_platform, "demo")
    obstore.put(store, FILE.removeprefix("s3:demo/"), b"# Titre\n")


@pytest.fixture
def page(page: Page) -> Page:
    page.goto("/workspaces/demo/notebooks/")
    stop = page.get_by_role("button", name="Stop")
    if stop.count():
        stop.click()
        page.get_by_role("dialog").get_by_role("button", name="Stop").click()
        expect(page.get_by_text("stopped")).to_be_visible()
    return page


@pytest.fixture
def stranger(chromium: Browser, running_platform: Platform) -> Iterator[Page]:
    """The same person in a browser that has not signed in."""
    context = chromium.new_context(base_url=running_platform.url)
    speak_english(context, running_platform)
    page = context.new_page()
    page.set_default_timeout(LAB_PATIENCE_MS)
    yield page
    context.close()


def link(person: str) -> str:
    return f"/notebooks/user/{person}/demo/lab/tree/{quote(FILE, safe='/:')}"


def has_the_file(page: Page) -> None:
    page.wait_for_url("**/user/admin/demo/lab/tree/**", timeout=LAB_PATIENCE_MS)
    tab = page.locator(".lm-DockPanel .lm-TabBar-tab.jp-mod-current", has_text=NAME)
    expect(tab).to_be_visible(timeout=LAB_PATIENCE_MS)
    assert unquote(page.url).endswith(f"/user/admin/demo/lab/tree/{FILE}")
    expect(page.locator(".jp-FileEditor .cm-content")).to_contain_text("Titre")


def test_it_leads_to_the_file_through_sign_in_and_start(
    page: Page, stranger: Page, running_platform: Platform
) -> None:
    assert page.request.get(link("admin"), max_redirects=0).status in {302, 424}
    stranger.goto(link("admin"))
    stranger.fill("input[name=login]", running_platform.admin_email)
    stranger.fill("input[name=password]", running_platform.admin_password)
    stranger.locator("form:has(input[name=login]) button").click()
    has_the_file(stranger)

    # Now it runs: the hub signs a browser in by itself, and still keeps the way.
    stranger.goto("about:blank")
    stranger.context.clear_cookies(name="hexa_session")
    stranger.context.clear_cookies(name="jupyterhub-session-id")
    stranger.context.clear_cookies(name="jupyterhub-user-admin-demo")
    stranger.context.clear_cookies(name="jupyterhub-hub-login")
    stranger.goto(link("admin"))
    stranger.fill("input[name=login]", running_platform.admin_email)
    stranger.fill("input[name=password]", running_platform.admin_password)
    stranger.locator("form:has(input[name=login]) button").click()
    has_the_file(stranger)


def test_what_somebody_else_sent_opens_in_ones_own_and_back_leads_back(
    page: Page,
) -> None:
    page.goto("/workspaces/demo/")
    page.goto(link("somebody-else"))
    has_the_file(page)
    for _ in range(3):
        page.go_back()
        if page.url.endswith(("/workspaces/demo/", "/demo/notebooks/")):
            break
        assert "/notebooks/" in page.url
    page.wait_for_timeout(1000)
    assert "/lab" not in page.url.partition("?")[0]


def test_without_javascript_a_button_is_left(
    page: Page, chromium: Browser, running_platform: Platform
) -> None:
    context = chromium.new_context(
        base_url=running_platform.url,
        java_script_enabled=False,
        storage_state=page.context.storage_state(),
    )
    plain = context.new_page()
    plain.goto(link("admin"))
    plain.get_by_role("button", name=f"Open {NAME}").click()
    plain.wait_for_url("**/lab/tree/**", timeout=LAB_PATIENCE_MS)
    assert unquote(plain.url).endswith(FILE)
    context.close()
