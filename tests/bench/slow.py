"""A page of Files on a link of 50 kB/s, as Chromium loads it."""

import time
from dataclasses import dataclass, field
from typing import Any

import obstore
from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.bench.files import store_of
from tests.bench.table import Figure
from tests.bench.visitor import Visitor
from tests.browsers import launched
from tests.platforms import Platform

FILES = 60
LINK = {
    "offline": False,
    "latency": 100,  # milliseconds of a round trip
    "downloadThroughput": 50_000,
    "uploadThroughput": 50_000,
}


@dataclass
class Loaded:
    """What came over the link, headers included; what a cache gave did not."""

    bytes: int = 0
    requests: int = 0
    readable_s: float = 0
    usable_s: float = 0
    cached: set[str] = field(default_factory=set)


def measured(platform: Platform) -> list[Figure]:
    slug = "slow"
    with Visitor(platform, platform.admin_email, platform.admin_password) as admin:
        admin.make_workspace(slug)
        store = store_of(platform, slug)
        for number in range(FILES):
            obstore.put(store, f"cases/{number:02}.csv", b"a,b\n1,2\n")
        cookies = [
            {"name": one.name, "value": one.value or "", "url": platform.url}
            for one in admin.http.cookies.jar
        ]
    with sync_playwright() as playwright, launched(playwright) as chromium:
        context = chromium.new_context(base_url=platform.url)
        context.add_cookies(cookies)  # type: ignore[arg-type] # a list of just these
        page = context.new_page()
        link = context.new_cdp_session(page)
        link.send("Network.enable")
        link.send("Network.emulateNetworkConditions", LINK)
        url = f"/workspaces/{slug}/files/s3:{slug}/cases/"
        first, second = _visit(page, link, url), _visit(page, link, url)
        context.close()
    return [
        *_figures("first visit", first, kilobytes=300),
        *_figures("later visits", second),
    ]


def _visit(page: Page, link: CDPSession, url: str) -> Loaded:
    found = Loaded()

    def served(event: dict[str, Any]) -> None:
        found.cached.add(event["requestId"])

    def finished(event: dict[str, Any]) -> None:
        if event["requestId"] not in found.cached:
            found.bytes += int(event["encodedDataLength"])
            found.requests += 1

    link.on("Network.requestServedFromCache", served)
    link.on("Network.loadingFinished", finished)
    begun = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.wait_for_selector("tr[data-key]")
    found.readable_s = time.perf_counter() - begun
    page.wait_for_selector("table[role=grid]")
    found.usable_s = time.perf_counter() - begun
    page.wait_for_load_state("networkidle")
    link.remove_listener("Network.requestServedFromCache", served)
    link.remove_listener("Network.loadingFinished", finished)
    return found


def _figures(
    name: str, found: Loaded, *, kilobytes: float | None = None
) -> list[Figure]:
    title = f"Files at 50 kB/s, {name}"
    return [
        Figure(f"{title}: bytes", found.bytes / 1000, "kB", kilobytes),
        Figure(f"{title}: requests", found.requests, "requests"),
        Figure(f"{title}: names to be read after", found.readable_s, "s"),
        Figure(f"{title}: ready for clicks after", found.usable_s, "s"),
    ]
