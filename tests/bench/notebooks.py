"""From the click to JupyterLab, and what it costs over a bare one."""

import os
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from tests.bench.table import Figure, median
from tests.bench.visitor import Visitor
from tests.platforms import Platform
from tests.ports import free_port

ENVIRONMENTS = Path(__file__).parents[2] / ".envs"
RUNS = 3
CROWD = 10
COLD_WHY = "of 1.9 s of processor time Lab's own start has half; the rest is sign-on, hub and web"
OURS_NOTE = (
    "no target: ours without sign-on, hub and walls. What pip installs imports a grammar of"
    " addresses besides (1 to 2 s), which our lock file leaves out"
)
CROWD_WHY = (
    f"{CROWD} starts share {os.cpu_count()} processors, and each takes about 2 s of one,"
    " this visitor's part included"
)
PASSWORD = "a long password for the crowd"


def measured(platform: Platform) -> list[Figure]:
    bare = median([_bare("stock") for _ in range(RUNS)])
    ours = median([_bare("lab") for _ in range(RUNS)])
    with Visitor(platform, platform.admin_email, platform.admin_password) as admin:
        admin.make_workspace("bench")
    # The keeper learns from the first start what to hold ready for those that follow.
    cold, *warm = [_opened(platform) for _ in range(1 + RUNS)]
    return [
        Figure("bare `jupyter lab`, as pip installs it: start to page", bare, "s"),
        Figure("… in the environment that ours runs in", ours, "s", note=OURS_NOTE),
        Figure("click to Lab's page, cold", cold, "s"),
        Figure(
            "… against bare, as pip installs it", cold / bare, "×", 1.1, why=COLD_WHY
        ),
        Figure("click to Lab's page, from a warm sandbox", median(warm), "s"),
        Figure("… against bare, as pip installs it", median(warm) / bare, "×", 0.5),
        Figure(
            "10 people at once: the last has Lab",
            _crowd(platform),
            "s",
            12,
            why=CROWD_WHY,
        ),
    ]


def _opened(platform: Platform) -> float:
    """By a browser that was never here; the pause lets a warm one get ready."""
    with Visitor(platform, platform.admin_email, platform.admin_password) as person:
        elapsed = person.open_lab("bench", "admin")
        time.sleep(6)
        person.stop_lab("bench")
    return elapsed


def _bare(environment: str) -> float:
    """Without a platform: a token instead of a sign-in."""
    port = free_port()
    with tempfile.TemporaryDirectory() as home:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [
                ENVIRONMENTS / environment / "bin" / "jupyter-lab",
                "--no-browser",
                "--allow-root",
                f"--ServerApp.port={port}",
                "--ServerApp.port_retries=0",
                "--IdentityProvider.token=bench",
                f"--ServerApp.root_dir={home}",
            ],
            env={"HOME": home, "PATH": os.environ["PATH"]},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            url = f"http://127.0.0.1:{port}/lab?token=bench"
            while True:
                try:
                    answer = httpx.get(url, follow_redirects=True, timeout=30)
                    if answer.status_code == 200:
                        return time.perf_counter() - begun
                except httpx.TransportError:
                    time.sleep(0.02)
        finally:
            process.terminate()
            process.wait()


def _crowd(platform: Platform) -> float:
    """Each in a workspace of their own, all clicking at the same moment."""
    visitors = []
    for number in range(CROWD):
        email = f"crowd-{number}@example.org"
        create = ("user", "create", email, "--password-file", "-")
        done = platform.run(*create, typed=PASSWORD)
        assert done.returncode == 0, done.stderr
        visitor = Visitor(platform, email, PASSWORD).__enter__()
        visitor.make_workspace(f"crowd-{number}x")
        visitors.append(visitor)
    begun = time.perf_counter()
    with ThreadPoolExecutor(CROWD) as pool:
        slugs = [f"crowd-{number}x" for number in range(CROWD)]
        handles = [f"crowd-{number}" for number in range(CROWD)]
        list(pool.map(Visitor.open_lab, visitors, slugs, handles))
    elapsed = time.perf_counter() - begun
    for visitor, slug in zip(visitors, slugs, strict=True):
        visitor.stop_lab(slug)
        visitor.http.close()
    return elapsed
