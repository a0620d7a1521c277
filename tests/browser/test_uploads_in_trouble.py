"""Uploads when the store, the line or the person fails them, on the real platform."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from hexa.backends.storage import seaweedfs
from hexa.files.actions.uploads import PARTS_AT_ONCE
from hexa.site.supervisor.components.store import ports_of
from tests.browser.test_uploads import (
    FILES,
    MIB,
    OVER,
    PICK,
    drop,
    large_file,
    parts_sent,
    store_of,
    stored_sum,
    sum_of,
    wait_for_more,
)
from tests.platforms import Platform, payload

pytestmark = [pytest.mark.timeout(300), pytest.mark.usefixtures("in_english")]

ROW = ".upload-row"
ENFORCE = "s3.bucket.quota.enforce -apply"


@pytest.fixture
def page(admin: BrowserContext) -> Iterator[Page]:
    made = admin.new_page()
    made.set_default_timeout(60_000)
    made.on("dialog", lambda dialog: dialog.accept())
    made.goto(FILES)
    yield made
    made.close()


def hold_links(page: Page) -> list[str]:
    """The parts that go first arrive; the links of all others are never answered."""
    sent = parts_sent(page)
    page.route("**/uploads/part/", lambda _: None)
    return sent


def wait_until_stored(page: Page, size: str) -> None:
    words = f"{size} bytes stored, verified"
    expect(page.locator(OVER)).to_contain_text(words, timeout=120_000)


def is_seen(platform: Platform, name: str) -> bool:
    return bool(store_of(platform).list_keys("demo", name).objects)


def test_after_a_reload_one_that_was_dropped_goes_on_by_a_click(
    page: Page, running_platform: Platform, tmp_path: Path
) -> None:
    source = large_file(tmp_path / "dropped.bin", 40 * MIB)
    sent = hold_links(page)
    drop(page, source)
    wait_for_more(page, sent, PARTS_AT_ONCE)
    page.reload()
    page.unroute("**/uploads/part/")
    page.on("filechooser", lambda _: pytest.fail("The file was asked for."))
    page.locator(f"[data-name='{source.name}'] [data-resume]").click()
    wait_until_stored(page, "41,943,040")
    assert len(sent) == 5
    assert stored_sum(running_platform, source.name) == sum_of(source)


def test_another_file_is_told_and_what_is_discarded_leaves_nothing(
    page: Page, running_platform: Platform, tmp_path: Path
) -> None:
    source = large_file(tmp_path / "picked.bin", 40 * MIB)
    other = large_file(tmp_path / "other.bin", 16 * MIB)
    sent = hold_links(page)
    page.set_input_files(PICK, source)
    wait_for_more(page, sent, PARTS_AT_ONCE)
    page.reload()
    row = page.locator(f"[data-unfinished][data-name='{source.name}']")
    with page.expect_file_chooser() as chooser:
        row.locator("[data-resume]").click()
    chooser.value.set_files(other)
    expect(row.get_by_role("alert")).to_contain_text(
        "the one that was begun has 41,943,040"
    )
    assert len(sent) == PARTS_AT_ONCE
    row.get_by_role("button", name="Discard").click()
    expect(row).to_have_count(0)
    page.reload()
    expect(page.locator("hexa-upload:defined")).to_have_count(1)
    expect(row).to_have_count(0)
    assert not is_seen(running_platform, source.name)


def test_a_link_that_ran_out_is_renewed_and_what_is_altered_sent_again(
    page: Page, running_platform: Platform, tmp_path: Path
) -> None:
    source = large_file(tmp_path / "altered.bin", 24 * MIB)
    answers: list[tuple[str, int]] = []
    page.on(
        "response",
        lambda response: (
            answers.append((response.url.split("partNumber=")[1][0], response.status))
            if "partNumber=" in response.url
            else None
        ),
    )

    def old(route: Route) -> None:
        """As if it had been given years ago."""
        url = re.sub(r"X-Amz-Date=\d{8}", "X-Amz-Date=20200101", route.request.url)
        route.continue_(url=url)

    def other(route: Route) -> None:
        route.continue_(post_data=b"\1" * 8 * MIB)

    page.route(re.compile("partNumber=1&"), old, times=1)
    page.route(re.compile("partNumber=2&"), other, times=1)
    page.set_input_files(PICK, source)
    wait_until_stored(page, "25,165,824")
    while len(answers) < 5:  # heard of later than the page does
        page.wait_for_timeout(100)
    assert sorted(answers) == [
        ("1", 200),
        ("1", 403),
        ("2", 200),
        ("2", 400),
        ("3", 200),
    ]
    assert stored_sum(running_platform, source.name) == sum_of(source)


def test_a_store_that_stops_in_the_middle_is_waited_for(
    page: Page, running_platform: Platform, tmp_path: Path
) -> None:
    source = large_file(tmp_path / "stopped.bin", 80 * MIB)
    sent = parts_sent(page)
    page.set_input_files(PICK, source)
    wait_for_more(page, sent, 3)
    payload(running_platform.pid_of("store")).kill()
    # It may be back before anybody is told; who waits longer is told below.
    wait_until_stored(page, "83,886,080")
    assert stored_sum(running_platform, source.name) == sum_of(source)
    assert len(store_of(running_platform).versions("demo", source.name).versions) == 1


def quota(platform: Platform, *commands: str) -> str:
    """The store's own limit for the bucket, as who runs it sets it; what the store says."""
    home, ports = (
        platform.installation.path("store"),
        ports_of(platform.installation.ports),
    )
    done = subprocess.run(
        [
            str(seaweedfs.binary()),
            "shell",
            f"-master=127.0.0.1:{ports.master}.{ports.master_grpc}",
            f"-filer=127.0.0.1:{ports.filer}.{ports.filer_grpc}",
        ],
        input="".join(f"{command}\n" for command in commands).encode(),
        env={**os.environ, "HOME": str(home)},
        cwd=home,
        check=True,
        capture_output=True,
    )
    return done.stdout.decode()


def test_a_store_that_takes_no_more_is_waited_for_and_shows_nothing_half(
    page: Page, running_platform: Platform, tmp_path: Path
) -> None:
    source = large_file(tmp_path / "full.bin", 40 * MIB)
    sent = hold_links(page)
    page.set_input_files(PICK, source)
    wait_for_more(page, sent, PARTS_AT_ONCE)
    limit = "s3.bucket.quota -name=demo -sizeMB=1 -op=set"
    # Of what is stored the store learns every few seconds.
    while "read only" not in quota(running_platform, limit, ENFORCE):
        page.wait_for_timeout(500)
    try:
        page.unroute("**/uploads/part/")
        page.locator(ROW).get_by_role("button", name="Pause").click()
        page.locator(ROW).get_by_role("button", name="Resume").click()
        row = page.locator(f"{ROW}[data-state=down]")
        expect(row).to_contain_text("goes on by itself", timeout=30_000)
        assert not is_seen(running_platform, source.name)
    finally:
        quota(running_platform, "s3.bucket.quota -name=demo -op=remove", ENFORCE)
    wait_until_stored(page, "41,943,040")
    assert stored_sum(running_platform, source.name) == sum_of(source)
