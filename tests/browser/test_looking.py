"""Files looked into, in a real browser: the grid by keyboard, and nothing in them acts."""

import json
import re
import time
import zlib
from collections.abc import Iterator

import obstore
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.bench.files import store_of
from tests.platforms import Platform
from tests.ui.test_every_page_is_usable import barriers

pytestmark = pytest.mark.usefixtures("in_english")

FOLDER = "/workspaces/demo/files/s3:demo/looking/"
CANARY = "window.top.canary = window.canary = 1"
TABLE = b"name;cases;rate\n" + b"".join(
    f"d{at};{at};{at / 8:.3f}\n".replace(".", ",").encode() for at in range(2500)
)
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


def document() -> bytes:
    """A PDF of one page that would like to run a script."""
    text = b"BT /F1 32 Tf 60 700 Td (Rapport) Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
    ]
    made, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return made + (
        b"xref\n0 5\n0000000000 65535 f \n%strailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF"
        % (table, len(made))
    )


def picture_bomb() -> bytes:
    """A PNG that says it is 60 000 pixels wide and high, in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        whole = kind + data
        return len(data).to_bytes(4) + whole + zlib.crc32(whole).to_bytes(4)

    size = (60_000).to_bytes(4) * 2 + b"\x08\x00\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [
            chunk(b"IHDR", size),
            chunk(b"IDAT", zlib.compress(bytes(100_000))),
            chunk(b"IEND", b""),
        ]
    )


@pytest.fixture(scope="module")
def folder(admin: BrowserContext, running_platform: Platform) -> str:  # noqa: ARG001 # the Demo workspace is there then
    files = {name: text.encode() for name, text in TRAPS.items()}
    files |= {
        "cases.csv": TABLE,
        "a.pdf": document(),
        "bomb.png": picture_bomb(),
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


def test_a_table_is_read_sorted_filtered_and_copied_by_keyboard(
    admin: BrowserContext, page: Page, folder: str
) -> None:
    admin.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{folder}cases.csv")
    grid = page.get_by_role("grid", name="Rows of the table")
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
