"""A team's folder of a million files, in a browser, while the index of it is built.

What is compared are counts: this machine may be busy.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Response, expect

from tests.browser.conftest import speak, speak_english
from tests.crowds import INDEXED, MANY, Crowd
from tests.platforms import Platform, payload
from tests.stores import KEY
from tests.stores_filled import name_of
from tests.ui.test_every_page_is_usable import barriers

FILES = "/workspaces/demo/files"
PAGE_SIZE = 50
# While the drive is connected the worker reads it, which slows whatever runs beside.
TURNS = 4
PATIENCE_S = 300
PATIENCE_MS = 60_000
ROWS = "#listing tr[data-key]"
NAMES = "rows => rows.map(row => row.dataset.name)"
MIB = 2**20
WORDS = {
    "en": {"next": "Next", "previous": "Previous", "size": "Size"},
    "fr": {"next": "Suivant", "previous": "Précédent", "size": "Taille"},
}
pytestmark = pytest.mark.timeout(900)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page shows, and what it took."""

    names: list[str]
    size_bytes: int
    requests: int


class Explorer:
    def __init__(self, page: Page, crowd: Crowd, words: dict[str, str]) -> None:
        self.page, self.crowd, self.words = page, crowd, words

    def open(self, path: str) -> Seen:
        self.crowd.relay.asked()
        answer = self.page.goto(f"{FILES}/{path}")
        assert answer
        return self._seen(answer)

    def turn(self, way: str) -> Seen:
        """By the pager below the list, as a person turns pages."""
        return self.follow(self.page.locator("#listing"), self.words[way])

    def order_by_size(self) -> Seen:
        return self.follow(self.page.locator("#listing thead"), self.words["size"])

    def follow(self, place: Locator, name: str) -> Seen:
        self.crowd.relay.asked()
        before = self.names()
        link = place.get_by_role("link", name=name, exact=True)
        with self.page.expect_response(_is_a_page) as answered:
            link.click()
        # Each page begins with another file than the one before it.
        expect(self.page.locator(ROWS).first).not_to_have_attribute(
            "data-name", before[0], timeout=PATIENCE_MS
        )
        return self._seen(answered.value)

    def names(self) -> list[str]:
        rows = self.page.locator(ROWS)
        return [str(one) for one in rows.evaluate_all(NAMES)]

    def _seen(self, answer: Response) -> Seen:
        assert answer.ok, answer.url
        self.page.wait_for_load_state()  # of a list that is half there as well
        asked = [one for one in self.crowd.relay.asked() if _is_for_a_page(one)]
        return Seen(self.names(), len(answer.body()), len(asked))


def _is_a_page(answer: Response) -> bool:
    return "/files/" in answer.url and answer.request.resource_type in {
        "document",
        "fetch",
        "xhr",
    }


def _is_for_a_page(request: str) -> bool:
    """Sweeps ask for all keys at once, without stopping at folders."""
    return "delimiter=%2F" in request


@pytest.fixture(scope="module")
def team(
    admin: BrowserContext, crowd: Crowd, running_platform: Platform
) -> Iterator[Crowd]:
    """Its buckets are connected to Demo; the smaller one has been read."""
    speak_english(admin, running_platform)
    page = admin.new_page()
    for bucket in (crowd.indexed, crowd.crowded):
        page.goto(f"{FILES}/drives/connect/")
        page.check("input[name=kind][value=other]")
        typed = {
            "bucket": bucket,
            "endpoint": crowd.relay.endpoint,
            "access_key_id": KEY.id,
            "secret_access_key": KEY.secret,
        }
        for name, value in typed.items():
            page.fill(f"[name={name}]", value)
        page.get_by_role("button", name="Connect", exact=True).click()
        page.wait_for_url(re.compile("/drives/$"))
    deadline = time.monotonic() + PATIENCE_S
    while not indexed(running_platform, crowd.indexed)[1]:
        assert time.monotonic() < deadline, "the drive is not read"
        time.sleep(0.5)
    yield crowd
    speak_english(admin, running_platform)
    for bucket in (crowd.indexed, crowd.crowded):
        page.goto(f"{FILES}/drives/s3:{bucket}/")
        page.fill("[name=typed]", bucket)
        page.get_by_role("button", name="Disconnect").click()
        page.wait_for_url(re.compile("/drives/$"))
    page.close()


def indexed(platform: Platform, bucket: str) -> tuple[int, bool]:
    """How many files of the bucket the index has, and whether these are all."""
    with platform.database() as database:
        row = database.execute(
            "SELECT index.files, index.swept_at IS NOT NULL FROM files_driveindex AS index"
            " JOIN files_drive AS drive ON drive.id = index.drive_id WHERE bucket = %s",
            [bucket],
        ).fetchone()
    if row is None:
        return 0, False
    return int(str(row[0])), bool(row[1])


@pytest.fixture(params=[("en", 1440), ("fr", 390)], ids=["wide", "french phone"])
def explorer(
    request: pytest.FixtureRequest,
    team: Crowd,
    admin: BrowserContext,
    running_platform: Platform,
) -> Iterator[Explorer]:
    language, width = request.param
    speak(admin, running_platform, language)
    page = admin.new_page()
    page.set_viewport_size({"width": width, "height": 844})
    yield Explorer(page, team, WORDS[language])
    page.close()


def expected(first: int, *, step: int = 1) -> list[str]:
    return [name_of(first + step * number) for number in range(PAGE_SIZE)]


def alike(pages: list[Seen], *, requests: int) -> None:
    assert {one.requests for one in pages} == {requests}
    usual = pages[0].size_bytes
    assert [one.size_bytes for one in pages] == pytest.approx(
        [usual] * len(pages), rel=0.02
    )


def test_a_million_files_are_paged_at_the_cost_of_fifty(explorer: Explorer) -> None:
    drive = f"s3:{explorer.crowd.crowded}"
    first = explorer.open(f"{drive}/many/")
    assert first.names == expected(0)
    assert first.requests == 1
    turned = [explorer.turn("next") for _ in range(TURNS)]
    for number, one in enumerate(turned, 1):
        assert one.names == expected(number * PAGE_SIZE)
    alike(turned, requests=1)
    # Near the end, as by a link that somebody sent.
    place = MANY - 3 * PAGE_SIZE
    opened = explorer.open(f"{drive}/many/?after=many/{name_of(place - 1)}")
    assert opened.names == expected(place)
    late = explorer.turn("next")
    assert late.names == expected(place + PAGE_SIZE)
    alike([*turned, opened, late], requests=1)
    width = explorer.page.viewport_size
    assert width
    assert (
        explorer.page.evaluate("document.documentElement.scrollWidth") <= width["width"]
    )
    assert barriers(explorer.page) == []
    # Stores know no way back but to the first page; the browser knows them all.
    explorer.page.go_back()
    expect(explorer.page.locator(ROWS).first).to_have_attribute(
        "data-name", name_of(place), timeout=PATIENCE_MS
    )
    back = explorer.turn("previous")
    assert back.names == expected(0)


def test_other_orders_are_paged_both_ways_without_the_store(explorer: Explorer) -> None:
    explorer.open(f"s3:{explorer.crowd.indexed}/some/")
    there = [explorer.order_by_size()]
    there += [explorer.turn("next") for _ in range(TURNS)]
    names = [name for one in there for name in one.names]
    assert len(set(names)) == (TURNS + 1) * PAGE_SIZE
    # Eleven sizes in turn: these are the largest.
    assert {int(name[:7]) % 11 for name in names} == {10}
    back = [explorer.turn("previous") for _ in range(TURNS)]
    assert [one.names for one in back] == [one.names for one in there[-2::-1]]
    alike([*there[1:], *back[:-1]], requests=0)


def test_one_of_them_is_found_by_a_few_letters(explorer: Explorer) -> None:
    explorer.open(f"s3:{explorer.crowd.indexed}/some/")
    wanted = name_of(INDEXED - 7)
    explorer.page.keyboard.press("/")
    explorer.page.keyboard.type(wanted[:7])
    hit = explorer.page.locator("#listing").get_by_role("link", name=wanted)
    expect(hit).to_be_visible(timeout=PATIENCE_MS)
    rows = explorer.page.locator("#listing tbody tr")
    expect(rows).to_have_count(1, timeout=PATIENCE_MS)
    hit.click()
    explorer.page.wait_for_url(re.compile(f"/some/{wanted}$"), timeout=PATIENCE_MS)


def test_pages_come_while_the_index_grows_and_the_worker_does_not(
    team: Crowd, admin: BrowserContext, running_platform: Platform
) -> None:
    worker = payload(running_platform.pid_of("worker"))
    deadline = time.monotonic() + PATIENCE_S
    begun = indexed(running_platform, team.crowded)[0]
    held: list[float] = []
    shown = grown = 0
    while grown < 2_000 or shown < 6:
        assert time.monotonic() < deadline, "the index does not grow"
        url = f"{FILES}/s3:{team.crowded}/many/?after=many/{name_of(shown * PAGE_SIZE)}"
        assert admin.request.get(url).ok
        shown += 1
        held.append(worker.memory_info().rss / MIB)
        known, is_whole = indexed(running_platform, team.crowded)
        grown = known - begun
        assert not is_whole, "pages were shown before it was read, not meanwhile"
    assert max(held) < held[0] + 40
