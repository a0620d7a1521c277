"""`make screenshots`: the main pages of a real platform, into docs/screenshots/.

Wide and narrow, light and dark, English and French, from the Demo workspace.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import obstore
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

import tests.early
from tests.bench.files import store_of
from tests.browsers import FLAGS
from tests.platforms import Platform, platform_in
from tests.stores import KEY, RunningStore, running_store

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
# For the guide, wide and light alone.
GUIDE = {
    "edit": "workspaces/demo/home-page/",
    "profile": f"{FILE}?profile=1",
    "search": "workspaces/demo/files/search/s3:demo/?q=demo",
    "versions": "workspaces/demo/files/versions/s3:demo/data/SOURCE.md",
}
SIZES = {"wide": (1440, 900), "narrow": (390, 844)}


def main() -> int:
    assert tests.early.DATA.exists()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        # The team bucket is kept on this machine, which an operator has to allow.
        platform_in(Path(folder), HEXA_STORE_NETWORKS="127.0.0.0/8") as platform,
        running_store(Path(folder) / "team") as team,
        sync_playwright() as playwright,
    ):
        Path(folder).chmod(0o755)
        platform.start()
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=FLAGS
        )
        _wait_for_demo(browser, platform)
        _team_bucket(browser, platform, team)
        _versions(platform)
        for language in ("en", "fr"):
            for name, page in _pages(browser, platform, language):
                page.screenshot(path=FOLDER / f"{name}.png")
        _notebook(browser, platform)
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
            is_for_guide = (size, theme) == ("wide", "light")
            pages = {**PAGES, **GUIDE} if is_for_guide else PAGES
            for name, path in pages.items():
                page.goto(f"{platform.url}/{path}", wait_until="networkidle")
                yield f"{name}-{size}-{theme}-{language}", page
            context.close()


def _team_bucket(browser: Browser, platform: Platform, team: RunningStore) -> None:
    """A bucket that the team has elsewhere: tested, connected, and in the list."""
    team.connect().create_bucket("who-data")
    for language, ending in (("fr", "-fr"), ("en", "")):
        context = _signed_in(browser, platform, language, "wide", "light")
        page = context.new_page()
        page.goto(f"{platform.url}/workspaces/demo/files/drives/connect/")
        page.check("input[name=kind][value=other]")
        page.fill("input[name=bucket]", "s3://who-data")
        page.check("input[name=access][value=write]")
        page.fill("input[name=endpoint]", team.endpoint)
        page.fill("input[name=access_key_id]", KEY.id)
        page.fill("input[name=secret_access_key]", KEY.secret)
        page.locator("main form .button:not(.button-main)").first.click()
        page.wait_for_selector(".callout-good")
        page.set_viewport_size({"width": 1440, "height": 1240})
        page.screenshot(path=FOLDER / f"connect-bucket{ending}.png")
        if language == "en":
            page.locator("main form .button-main").click()
            page.wait_for_url("**/files/**")
        context.close()
    for language, ending in (("fr", "-fr"), ("en", "")):
        context = _signed_in(browser, platform, language, "wide", "light")
        page = context.new_page()
        page.goto(f"{platform.url}/workspaces/demo/files/drives/")
        page.screenshot(path=FOLDER / f"drives{ending}.png")
        context.close()


def _versions(platform: Platform) -> None:
    """A file that was written a few times."""
    store = store_of(platform, "demo")
    text = bytes(obstore.get(store, "data/SOURCE.md").bytes())
    for addition in (b"\nChecked in May.\n", b"\nChecked in June, by Awa.\n"):
        text += addition
        obstore.put(store, "data/SOURCE.md", text)


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
    # The indicator says idle before a kernel is there, and what is run then is let go.
    page.get_by_text("Python 3 (OpenHexa) | Idle").wait_for()
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").click()
    page.get_by_text("Run All Cells").first.click()
    page.wait_for_selector(".jp-OutputArea-output img")
    page.locator(".jp-OutputArea-output img").first.scroll_into_view_if_needed()
    time.sleep(2)
    page.screenshot(path=FOLDER / "notebook.png")
    context.close()


if __name__ == "__main__":
    sys.exit(main())
