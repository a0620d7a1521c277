import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.ports import free_port
from tests.ui.opening import Open

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The address of the interface alone, served with real assets."""
    assert (ROOT / "src/hexa/ui/static/ui/app.js").exists(), "run: make build/assets"
    port = free_port()
    command = [sys.executable, "-m", "tests.ui.serve", str(port)]
    with subprocess.Popen(command, cwd=ROOT) as server:
        address = f"http://127.0.0.1:{port}"
        try:
            await_answer(f"{address}/control/")
            yield address
        finally:
            server.terminate()


def await_answer(url: str) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            httpx.get(url, timeout=2)
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


@pytest.fixture
def open_page(site: str, chromium: Browser) -> Iterator[Open]:
    """Opens a page of the site as a person would, and fails on any console error."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_(
        path: str,
        *,
        width: int = 1440,
        theme: str = "light",
        language: str = "en",
        javascript: bool = True,
    ) -> Page:
        context = chromium.new_context(
            base_url=site,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if theme == "dark" else "light",
            locale=language,
            java_script_enabled=javascript,
            permissions=["clipboard-read", "clipboard-write"],
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console",
            lambda message: (
                problems.append(message.text)
                if "Content Security Policy" in message.text
                else None
            ),
        )
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert problems == []
