"""`make screenshots`: the main pages of a real platform, into docs/screenshots/.

Wide and narrow, light and dark, English and French, from the Demo workspace.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

import tests.early
from tests.browsers import FLAGS
from tests.platforms import Platform, platform_in

FOLDER = Path("docs/screenshots")
FILE = "workspaces/demo/files/s3:demo/data/fertility-by-age.csv"
PAGES = {
    "home": "workspaces/demo/",
    "files": "workspaces/demo/files/s3:demo/",
    "preview": FILE,
    "notebooks": "workspaces/demo/notebooks/",
    "members": "workspaces/demo/members/",
    "create": "workspaces/create/",
    "workspaces": "?all",
}
SIZES = {"wide": (1440, 900), "narrow": (390, 844)}


def main() -> int:
    assert tests.early.DATA.exists()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        platform_in(Path(folder)) as platform,
        sync_playwright() as playwright,
    ):
        Path(folder).chmod(0o755)
        platform.start()
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=FLAGS
        )
        _wait_for_demo(browser, platform)
        _notebook(browser, platform)
        for language in ("en", "fr"):
            for name, page in _pages(browser, platform, language):
                page.screenshot(path=FOLDER / f"{name}.png")
        browser.close()
    return 0


def _signed_in(
    browser: Browser, platform: Platform, language: str, size: str, theme: str
) -> BrowserContext:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale=language,
        color_scheme="dark" if theme == "dark" else "light",
    )
    context.add_cookies(
        [{"name": "hexa_language", "value": language, "url": platform.url}]
    )
    page = context.new_page()
    page.goto(f"{platform.url}/accounts/login/")
    page.fill("input[name=login]", platform.admin_email)
    page.fill("input[name=password]", platform.admin_password)
    page.locator("form:has(input[name=login]) button").click()
    page.wait_for_url(lambda url: "login" not in url)
    page.close()
    return context


def _wait_for_demo(browser: Browser, platform: Platform) -> None:
    context = _signed_in(browser, platform, "en", "wide", "light")
    deadline = time.monotonic() + 60
    while not context.request.get(f"{platform.url}/{FILE}").ok:
        assert time.monotonic() < deadline, "the Demo workspace does not appear"
        time.sleep(0.5)
    context.close()


def _pages(
    browser: Browser, platform: Platform, language: str
) -> Iterator[tuple[str, Page]]:
    for size in SIZES:
        for theme in ("light", "dark"):
            context = _signed_in(browser, platform, language, size, theme)
            page = context.new_page()
            for name, path in PAGES.items():
                page.goto(f"{platform.url}/{path}", wait_until="networkidle")
                yield f"{name}-{size}-{theme}-{language}", page
            context.close()


def _notebook(browser: Browser, platform: Platform) -> None:
    """The demo notebook, run, beside the drive it reads."""
    context = _signed_in(browser, platform, "en", "wide", "light")
    page = context.new_page()
    page.set_default_timeout(90_000)
    page.goto(f"{platform.url}/workspaces/demo/notebooks/")
    page.get_by_role("button", name="Open notebooks").first.click()
    page.wait_for_url("**/lab**")
    lab = f"{platform.url}/notebooks/user/admin/demo/lab"
    page.goto(f"{lab}/tree/s3:demo/demo-python.ipynb")
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]")
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").click()
    page.get_by_text("Run All Cells").first.click()
    page.wait_for_selector(".jp-OutputArea-output img")
    page.locator(".jp-OutputArea-output img").first.scroll_into_view_if_needed()
    time.sleep(2)
    page.screenshot(path=FOLDER / "notebook.png")
    context.close()


if __name__ == "__main__":
    sys.exit(main())
