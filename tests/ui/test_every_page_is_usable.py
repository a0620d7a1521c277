"""No barrier and no sideways scrolling, on wide and narrow, light and dark screens."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.ui.opening import Open

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
PAGES = ["/ui/", "/nowhere/", "/bare/", "/fields/", "/upload/", "/wait/failed/"]
ERRORS = ["/error/403/", "/error/404/", "/error/500/", "/error/503/"]


WIDTHS = [1440, 390]


def barriers(page: Page, within: str = "html") -> list[tuple[str, list[str]]]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    script = "async (within) => (await axe.run(within)).violations"
    return [
        (problem["id"], [node["html"] for node in problem["nodes"]])
        for problem in page.evaluate(script, within)
    ]


@pytest.mark.parametrize("path", [*PAGES, *ERRORS])
def test_a_page_has_no_barrier_and_never_scrolls_sideways(
    open_page: Open, path: str
) -> None:
    page = open_page(path)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            assert barriers(page) == [], f"{theme}, {width} px"


@pytest.mark.parametrize("path", [*PAGES, *ERRORS])
def test_french_fits_on_a_narrow_screen(open_page: Open, path: str) -> None:
    page = open_page(path, width=390, language="fr")
    assert page.get_attribute("html", "lang") == "fr"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("opener", ["[popovertarget=switcher]", "text=New folder"])
def test_what_opens_has_no_barrier(open_page: Open, opener: str) -> None:
    page = open_page("/ui/")
    page.click(opener)
    assert barriers(page) == []


def test_the_palette_has_no_barrier(open_page: Open) -> None:
    page = open_page("/ui/")
    page.keyboard.press("Control+k")
    page.wait_for_selector(".palette-hit")
    assert barriers(page, "#palette") == []
