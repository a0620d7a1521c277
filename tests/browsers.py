"""One browser for the tests of a module, the system's own Chromium.

Playwright keeps an event loop in this thread for as long as it runs, in which neither
`asyncio.run` nor Django's database may be used: it must end with the module.
"""

import contextlib
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

# As root Chromium's own sandbox cannot start; the rest keeps it from calling out.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# What is expected is not expected at once: machines may be busy.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright, launched(playwright) as browser:
        yield browser


@contextlib.contextmanager
def launched(playwright: Playwright) -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    assert program, "Chromium is missing: apt-get install chromium"
    browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
    yield browser
    browser.close()
