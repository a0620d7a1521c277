"""Files looked into, in a real browser: the grid by keyboard, and nothing in them acts."""

import json
import re
import time
from collections.abc import Callable, Iterator

import obstore
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.bench.files import store_of
from tests.browser.conftest import speak
from tests.platforms import Platform
from tests.samples import document, picture, samples
from tests.ui.test_every_page_is_usable import barriers

pytestmark = pytest.mark.usefixtures("in_english")

FOLDER = "/workspaces/demo/files/s3:demo/looking/"
CANARY = "window.top.canary = window.canary = 1"
TABLE = b"name;cases;rate\n" + b"".join(
    f"d{at};{at};{at / 8:.3f}\n".replace(".", ",").encode() for at in range(2500)
)
SITES = "site;cases\n{}".format("Bè;1\nBè;2\nKara;3\nDapaong;4\n;5\n" * 5).encode()
TRAPS = {
    "a.svg": f'<svg xmlns="http://www.w3.org/2000/svg" onload="{CANARY}"><script>{CANARY}</script></svg>',
    "a.html": f"<script>{CANARY}</script><img src=x onerror='{CANARY}'>",
    "a.md": f"<script>{CANARY}</script>\n\n[x](javascript:{CANARY})\n\n![x](x' onerror='{CANARY})",
    "a.json": "[" * 200_000,
    "a.ipynb": json.dumps(
        {
            "cells": [
                {"cell_type": "markdown", "source": f"<script>{CANARY}</script> text"},
                {
                    "cell_type": "code",
                    "source": "1",
                    "outputs": [
                        {
                            "output_type": "display_data",
                            "data": {
                                "text/html": f"<b>7</b><script>{CANARY}</script><img src=x onerror='{CANARY}'>",
                                "application/javascript": CANARY,
                            },
                        }
                    ],
                },
            ]
        }
    ),
    "a.geojson": json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"name": f"<img src=x onerror='{CANARY}'>"},
                    "geometry": {"type": "Point", "coordinates": [1.2, 6.1]},
                }
            ],
        }
    ),
}


# It would like to run a script when it is opened.
TRAPPED = document(opening=b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>")
# It says it is 60 000 pixels wide and high.
BOMB = picture(60_000, 60_000, bytes(100_000))
NOTHING = {
    "en": {"empty": "This file is empty", "unknown": "cannot be shown here", "map": "features"},
    "fr": {"empty": "Ce fichier est vide", "unknown": "ne peut pas être affiché", "map": "objets"},
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(admin: BrowserContext, running_platform: Platform) -> str:  # noqa: ARG001 # the Demo workspace is there then
    files = {name: text.encode() for name, text in TRAPS.items()}
    files |= {
        "cases.csv": TABLE,
        "sites.csv": SITES,
        "a.pdf": TRAPPED,
        "bomb.png": BOMB,
        "line.csv": b"a," * 400_000,
    }
    store = store_of(running_platform, "demo")
    for name, content in files.items():
        obstore.put(store, f"looking/{name}", content)
    return FOLDER


@pytest.fixture
def page(admin: BrowserContext) -> Iterator[Page]:
    made = admin.new_page()
    made.set_default_timeout(20_000)
    made.on("dialog", lambda dialog: pytest.fail(f"A dialog opened: {dialog.message}"))
    yield made
    made.close()


@pytest.fixture
def grid(admin: BrowserContext, page: Page, folder: str) -> Locator:
    """The table of cases.csv, whose cells may be copied."""
    admin.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{folder}cases.csv")
    return page.get_by_role("grid", name="Rows of the table")


def test_a_table_is_read_sorted_filtered_and_copied_by_keyboard(
    page: Page, grid: Locator
) -> None:
    expect(page.locator(".grid-status")).to_contain_text("Rows 1–100")
    grid.focus()
    for key in ("ArrowDown", "ArrowDown", "Control+c"):
        page.keyboard.press(key)
    expect(page.locator(".grid-note")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "d2"
    for _ in range(8):
        page.keyboard.press("PageDown")
    page.keyboard.press("Control+End")
    expect(page.locator(".grid-status")).to_contain_text(re.compile("Rows 1–[2-9]00 "))
    # Few rows are in the document, however many have been fetched.
    assert page.locator(".grid-view tbody tr[aria-rowindex]").count() < 80
    page.get_by_role("button", name="cases", exact=True).click()
    page.get_by_role("button", name="Sort descending").click()
    expect(grid.locator("td[data-row]").first).to_have_text("d2499")
    expect(page.locator(".grid-status")).to_have_text("Rows 1–50 of 2,500")
    page.get_by_role("button", name="name", exact=True).click()
    page.get_by_label("Value").fill("d12")
    page.keyboard.press("Enter")
    expect(page.locator(".grid-status")).to_contain_text("of 111 that match")
    assert "order=desc%3Acases" in page.url
    shown = grid.locator("td[data-row]").first.inner_text()
    page.reload()
    expect(grid.locator("td[data-row]").first).to_have_text(shown)
    assert not barriers(page)


def test_heads_show_what_their_columns_hold(page: Page, grid: Locator) -> None:
    page.get_by_role("button", name="Profile", exact=True).click()
    head = grid.locator("th[data-at]")
    spread = head.filter(has_text="cases").get_by_role("img")
    expect(spread).to_have_attribute(
        "aria-label", "From 0 – 2,499; most rows at 0 – 156"
    )
    expect(spread.locator("rect")).to_have_count(16)
    expect(head.filter(has_text="rate")).to_contain_text(
        "2,500 distinct · mean 156.188"
    )
    # Of the rows that match, and for whoever opens the link.
    page.get_by_role("button", name="cases", exact=True).click()
    page.get_by_label("Condition").select_option("<")
    page.get_by_label("Value").fill("10")
    page.keyboard.press("Enter")
    expect(head.filter(has_text="rate")).to_contain_text("10 distinct · mean 0.5625")
    page.reload()
    expect(head.filter(has_text="rate")).to_contain_text("10 distinct · mean 0.5625")
    assert not barriers(page)
    page.get_by_role("button", name="Profile", exact=True).click()
    expect(grid.get_by_role("img")).to_have_count(0)
    assert "profile" not in page.url


def test_a_frequent_value_leads_to_its_rows(page: Page, folder: str) -> None:
    page.goto(f"{folder}sites.csv?profile=1")
    head = page.locator("th[data-at]").filter(has_text="site")
    expect(head).to_contain_text("3 distinct · 20% missing")
    head.get_by_role("button", name="Bè").click()
    status = page.locator(".grid-status")
    expect(status).to_have_text("Rows 1–10 of 10 that match")
    expect(head).to_contain_text("1 distinct")
    expect(head).not_to_contain_text("missing")


def test_cells_are_chosen_and_columns_widened_by_the_keys_alone(
    page: Page, grid: Locator
) -> None:
    chosen, note = grid.locator("td[aria-selected=true]"), page.locator(".grid-note")
    grid.focus()
    for key in ("Right", "Down", "Down"):
        page.keyboard.press(f"Shift+Arrow{key}")
    expect(chosen).to_have_count(6)
    page.keyboard.press("Control+c")
    expect(note).to_have_text("Copied: 3 × 2 cells")
    assert page.evaluate("navigator.clipboard.readText()") == "d0\t0\nd1\t1\nd2\t2"
    page.keyboard.press("Escape")
    expect(chosen).to_have_count(0)
    expect(grid).to_be_focused()

    page.keyboard.press("Control+Home")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("button", name="name", exact=True)).to_be_focused()
    page.keyboard.press("ArrowRight")
    head = page.get_by_role("button", name="cases", exact=True)
    expect(head).to_be_focused()

    def width() -> int:
        return int(head.evaluate("one => one.closest('th').offsetWidth"))

    before = width()
    for side in ("Right", "Right", "Right", "Left"):
        page.keyboard.press(f"Shift+Arrow{side}")
    assert width() == before + 32
    expect(note).to_have_text(f"cases: {before + 32} pixels wide")
    expect(head).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+c")
    assert page.evaluate("navigator.clipboard.readText()") == "0"
    for _ in range(8):
        page.keyboard.press("PageDown")
    expect(page.locator(".grid-status")).to_contain_text(re.compile("Rows 1–[2-9]00 "))
    assert width() == before + 32
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys).to_contain_text("On the head of a column: wider, narrower")
    assert not barriers(page)


def drawn(page: Page, language: str) -> dict[str, Callable[[], object]]:
    """What is to be seen of each kind of file, in the order of their names."""
    preview, words = page.locator("#preview"), NOTHING[language]

    def says(text: str, where: str = "") -> Callable[[], object]:
        at = preview.locator(where) if where else preview
        return lambda: expect(at.first).to_contain_text(text, timeout=30_000)

    def measures(of: str, least: str) -> Callable[[], object]:
        script = f"() => document.querySelector('#preview {of}')?.{least}"
        return lambda: page.wait_for_function(script)

    def framed(text: str) -> None:
        frame = page.frame_locator("iframe.files-frame")
        expect(frame.get_by_role("heading", name=text)).to_be_visible()

    cell = "td[data-row]"
    number = {"en": "0.31", "fr": "0,31"}[language]
    return {
        "book.xlsx": says("Bé", cell),
        "cases.parquet": says("Golfe", cell),
        "deep.json": says('"in": {', "pre"),
        "dot.png": measures("img", "naturalWidth === 160"),
        "drawing.svg": measures("img", "naturalWidth > 0"),
        "empty.csv": says(words["empty"]),
        "facts.json": says('"ville": "Lomé"', "pre"),
        "film.webm": measures("video", "videoWidth === 64"),
        "lines.jsonl": says("Golfe", cell),
        "notes.md": says("Relevés", "article h1"),
        "notes.txt": says("Relevé de Bè", "pre"),
        "places.geojson": says(f"4 {words['map']}", ".map-status"),
        "places.gpkg": says(f"2 {words['map']}", ".map-status"),
        "points.csv": says("Golfe", cell),
        "report.pdf": says("Rapport", ".pdf-view .hidden-text"),
        "tabs.tsv": says("Golfe", cell),
        "tone.wav": measures("audio", "duration === 1"),
        "unknown.bin": says(words["unknown"]),
        "virgules.csv": says(number, f"{cell}[data-column='1']"),
        "work.ipynb": lambda: framed("Carnet"),
    }


def test_every_kind_of_file_is_shown_one_after_the_other(
    page: Page, admin: BrowserContext, running_platform: Platform
) -> None:
    """By the keys alone, in the page that is there: half in English, half in French."""
    blank = admin.new_page()
    kinds = samples(blank)
    blank.close()
    store = store_of(running_platform, "demo")
    for name, content in kinds.items():
        obstore.put(store, f"kinds/{name}", content)
    names = sorted(kinds)
    assert names == list(drawn(page, "en"))
    page.goto(FOLDER.replace("looking", "kinds"))
    page.locator(f"tr[data-name='{names[0]}'] a").click()
    seen = drawn(page, "en")
    page.evaluate("window.isTheSame = true")
    for at, name in enumerate(names):
        page.wait_for_url(f"**/{name}")
        if at == len(names) // 2:
            speak(admin, running_platform, "fr")
            page.reload()
            page.locator(f"tr[data-name='{name}']").focus()
            page.set_viewport_size({"width": 390, "height": 844})
            page.emulate_media(color_scheme="dark")
            seen = drawn(page, "fr")
        seen[name]()
        expect(page.locator(".breadcrumb h1")).to_have_text(name)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert not barriers(page, "#preview"), name
        page.keyboard.press("ArrowRight")
    expect(page.locator("[data-step='1']")).to_be_disabled()
    page.locator("[data-step='-1']").click()
    seen[names[-2]]()
    expect(page.locator("[data-step='-1']")).to_be_focused()
    page.go_back()
    seen[names[-1]]()


def test_nothing_in_a_file_acts_on_our_pages(page: Page, folder: str) -> None:
    for name in TRAPS:
        page.goto(f"{folder}{name}", wait_until="networkidle")
        expect(page.locator("#preview")).to_be_visible()
        if name.endswith("ipynb"):
            frame = page.frame_locator("iframe.files-frame")
            expect(frame.locator("b")).to_have_text("7")
        elif name.endswith("geojson"):
            expect(page.locator(".map-status")).to_contain_text(
                "1 features", timeout=30_000
            )
        assert page.evaluate("window.canary") is None, name
        for frame_in in page.frames[1:]:
            assert frame_in.evaluate("window.canary") is None, name


def test_a_document_is_drawn_and_bombs_are_only_messages(
    page: Page, folder: str
) -> None:
    page.goto(f"{folder}a.pdf")
    expect(page.locator("hexa-pdf [role=status]")).to_have_text("Page 1 of 1")
    assert "Rapport" in (page.locator(".pdf-view .hidden-text").text_content() or "")
    begun = time.monotonic()
    page.goto(f"{folder}line.csv")
    expect(page.locator("#preview")).to_contain_text(
        "No line ends in the part that was read"
    )
    page.goto(f"{folder}bomb.png")
    expect(page.locator("#preview img")).to_be_attached()
    assert time.monotonic() - begun < 60


def test_a_file_is_looked_into_without_javascript(
    admin: BrowserContext, folder: str
) -> None:
    browser = admin.browser
    assert browser
    plain = browser.new_context(
        java_script_enabled=False, storage_state=admin.storage_state()
    )
    page = plain.new_page()
    page.goto(
        f"{admin.pages[0].url.split('/workspaces')[0].rstrip('/')}{folder}cases.csv?order=desc:cases"
    )
    expect(page.locator("#preview td").first).to_have_text("d2499")
    page.locator("summary", has_text="Read it differently").click()
    page.get_by_label("Separator").select_option(",")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#preview th").first).to_contain_text("name;cases;rate")
    plain.close()
