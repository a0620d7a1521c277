"""No barrier and no sideways scrolling, on wide and narrow, light and dark screens."""

from pathlib import Path

import pytest

from tests.ui.opening import Open

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
PAGES = ["/ui/", "/nowhere/", "/bare/", "/fields/", "/upload/", "/wait/failed/"]
ERRORS = ["/error/403/", "/error/404/", "/error/500/", "/error/503/"]


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", [*PAGES, *ERRORS])
def test_axe_finds_no_barrier(open_page: Open, path: str, theme: str, width: int) -> None:
    page = open_page(path, theme=theme, width=width)
    page.evaluate(AXE.read_text())
    found = page.evaluate("async () => (await axe.run()).violations")
    told = [
        (problem["id"], [node["html"] for node in problem["nodes"]])
        for problem in found
    ]
    assert told == []


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("path", [*PAGES, *ERRORS])
def test_no_page_scrolls_sideways(
    open_page: Open, path: str, width: int, language: str
) -> None:
    page = open_page(path, width=width, language=language)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("opener", ["[popovertarget=switcher]", "text=New folder"])
def test_what_opens_has_no_barrier(open_page: Open, opener: str) -> None:
    page = open_page("/ui/")
    page.click(opener)
    page.evaluate(AXE.read_text())
    found = page.evaluate("async () => (await axe.run()).violations")
    assert [problem["id"] for problem in found] == []


def test_palette_has_no_barrier(open_page: Open) -> None:
    page = open_page("/ui/")
    page.keyboard.press("Control+k")
    page.wait_for_selector(".palette-hit")
    page.evaluate(AXE.read_text())
    found = page.evaluate("async () => (await axe.run('#palette')).violations")
    assert [problem["id"] for problem in found] == []
