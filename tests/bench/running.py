"""How fast the whole platform starts, what it holds while idle, what a page weighs."""

import os
import re
import tempfile
import time
from pathlib import Path

import httpx
import psutil

from tests.bench.table import Figure
from tests.platforms import Platform, platform_in

START_WHY = (
    f"all parts start side by side on {os.cpu_count()} processors; the imports of Django"
    " and of the hub take most of it"
)
IDLE_WHY = (
    "the hub and two processes of Django hold their modules, a third of it; programs of"
    " Go count with the pages of their files"
)


def started() -> list[Figure]:
    """A first start, and one on the data folder that it left."""
    with (
        tempfile.TemporaryDirectory() as folder,
        platform_in(Path(folder), HEXA_DEMO="false") as platform,
    ):
        Path(folder).chmod(0o755)
        first = _start(platform)
        platform.stop()
        again = _start(platform)
    return [
        Figure("`hexa up`, first start", first, "s"),
        Figure("`hexa up`, later starts", again, "s", 6, why=START_WHY),
    ]


def _start(platform: Platform) -> float:
    begun = time.perf_counter()
    platform.start()
    return time.perf_counter() - begun


def idle(platform: Platform) -> list[Figure]:
    """Proportional set size: shared pages are counted once over all processes."""
    state = platform.status()
    assert state is not None
    assert platform.process is not None
    held = {"supervisor": _pss(psutil.Process(platform.process.pid))}
    for each in state["components"]:
        if each["pid"]:
            root = psutil.Process(each["pid"])
            family = [root, *root.children(recursive=True)]
            held[each["name"]] = sum(_pss(one) for one in family)
    rows = [
        Figure(f"idle memory: {name}", size / 2**20, "MiB")
        for name, size in held.items()
    ]
    total = sum(held.values()) / 2**30
    return [*rows, Figure("idle memory in all", total, "GiB", 0.7, why=IDLE_WHY)]


def _pss(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.NoSuchProcess:
        return 0


def first_screen(platform: Platform) -> list[Figure]:
    """Bytes over the wire of the sign-in page with all it loads, compressed."""
    headers = {"Accept-Encoding": "gzip, br"}
    with httpx.Client(base_url=platform.url, headers=headers) as http:
        page = http.get("/accounts/login/")
        wanted = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', page.text))
        answers = [page, *(http.get(url) for url in sorted(wanted))]
    weight = sum(answer.num_bytes_downloaded for answer in answers)
    note = f"{len(answers)} requests"
    return [Figure("first screen", weight / 1000, "kB", 300, note=note)]
