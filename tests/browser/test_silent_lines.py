"""Uploads over a line on which nothing is heard any more, and that nobody has closed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.test_uploads import (
    FILES,
    MIB,
    OVER,
    PICK,
    large_file,
    parts_sent,
    stored_sum,
    sum_of,
)
from tests.lines import Line, line
from tests.platforms import Platform

pytestmark = [pytest.mark.timeout(300), pytest.mark.usefixtures("in_english")]

ROW = ".upload-row"


@pytest.fixture
def wire() -> Iterator[Line]:
    with line() as made:
        yield made


@pytest.fixture
def page(
    chromium: Browser, admin: BrowserContext, running_platform: Platform, wire: Line
) -> Iterator[Page]:
    """Its minutes pass when the test says so."""
    context = chromium.new_context(
        base_url=running_platform.url,
        proxy={"server": wire.address},
        storage_state=admin.storage_state(),
    )
    made = context.new_page()
    made.set_default_timeout(60_000)
    made.on("dialog", lambda dialog: dialog.accept())
    made.clock.install()
    made.goto(FILES)
    yield made
    context.close()


def ended(page: Page) -> list[str]:
    """Grows with each part that the page itself has ended."""
    found: list[str] = []
    page.on(
        "requestfailed",
        lambda request: (
            found.append(request.url) if "partNumber=" in request.url else None
        ),
    )
    return found


def wait_until_stuck(page: Page, above: int = 0) -> None:
    """So many bytes were handed over, and for a while no more."""
    bar, seen, now = page.locator(ROW).locator("progress"), -1, 0
    while seen < now or now <= above:
        page.wait_for_timeout(1500)
        seen, now = now, int(bar.get_attribute("value") or 0)


def test_a_silent_line_is_told_and_what_was_on_it_sent_again(
    page: Page, running_platform: Platform, wire: Line, tmp_path: Path
) -> None:
    source = large_file(tmp_path / "silent.bin", 80 * MIB)
    sent, given_up = parts_sent(page), ended(page)
    wire.after(44 * MIB, wire.swallow)
    page.set_input_files(PICK, source)
    wait_until_stuck(page, above=24 * MIB)
    row, before = page.locator(ROW), len(sent)
    assert before > 0
    page.clock.fast_forward("00:20")
    expect(row).to_have_attribute("data-state", "sending")
    page.clock.fast_forward("00:20")
    expect(row).to_have_attribute("data-state", "silent")
    expect(row).to_contain_text("the line is silent; waits, and goes on by itself")
    wire.mend()
    page.clock.fast_forward("00:40")
    page.wait_for_timeout(500)
    # Not yet given up; and a connection that is dead stays so.
    assert (given_up, len(sent)) == ([], before)
    for _ in range(8):
        page.clock.fast_forward("00:45")
        page.wait_for_timeout(500)
    expect(page.locator(OVER)).to_contain_text("83,886,080 bytes", timeout=60_000)
    assert given_up
    assert stored_sum(running_platform, source.name) == sum_of(source)


def test_a_line_that_is_only_slow_is_waited_for(
    page: Page, running_platform: Platform, wire: Line, tmp_path: Path
) -> None:
    """No part was answered yet, and what is held of them may be megabytes."""
    source = large_file(tmp_path / "slow.bin", 24 * MIB)
    given_up = ended(page)
    wire.after(6 * MIB, wire.hold)  # less than one part
    page.set_input_files(PICK, source)
    wait_until_stuck(page, above=5 * MIB)
    page.clock.fast_forward("01:40")
    page.wait_for_timeout(500)
    expect(page.locator(ROW)).to_have_attribute("data-state", "sending")
    wire.go_on()
    expect(page.locator(OVER)).to_contain_text("25,165,824 bytes", timeout=60_000)
    assert not given_up
    assert stored_sum(running_platform, source.name) == sum_of(source)
