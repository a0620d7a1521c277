"""Looking into files of 1 GB, on the page and by the grid's address.

The data are made once for each run, by DuckDB: 27 million rows of 8 columns.
"""

import itertools
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import httpx
import obstore

from tests.bench.files import store_of
from tests.bench.table import Figure, median
from tests.bench.visitor import Visitor
from tests.platforms import Platform

ROWS = 27_000_000
CSV_ROWS = 10_000_000
RUNS = 3
LOOKING_S = 3.0
WHY = "a page is up to 50 row groups: 0.5 to 0.9 s of a processor, read ahead while one looks"
_MADE = """
    SELECT i AS id, 'district-' || (hash(i) % 1200) AS district,
        DATE '2015-01-01' + CAST(i % 4000 AS INTEGER) AS day,
        CAST(hash(i + 1) % 100000 AS INTEGER) AS cases,
        (hash(i + 2) % 1000000000) / 1e9 AS rate,
        CASE WHEN hash(i + 3) % 10 = 0 THEN NULL ELSE (hash(i + 4) % 1000000) / 100.0 END AS weight,
        md5(CAST(i AS VARCHAR)) AS code,
        TIMESTAMP '2020-01-01' + INTERVAL (i) SECOND AS seen_at
    FROM range({rows}) t(i)
"""


def measured(platform: Platform) -> list[Figure]:
    slug = "large"
    with (
        Visitor(platform, platform.admin_email, platform.admin_password) as admin,
        tempfile.TemporaryDirectory() as folder,
    ):
        admin.make_workspace(slug)
        made = _made(Path(folder))
        for path in made:
            obstore.put(store_of(platform, slug), path.name, path)
            path.unlink()
        return _figures(admin.http, f"/workspaces/{slug}/files", slug)


def _made(folder: Path) -> list[Path]:
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    parquet, text = folder / "large.parquet", folder / "large.csv"
    connection.execute(
        f"COPY ({_MADE.format(rows=ROWS)}) TO '{parquet}'"
        " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 200000)"
    )
    connection.execute(f"COPY ({_MADE.format(rows=CSV_ROWS)}) TO '{text}' (HEADER)")
    return [parquet, text]


def _figures(http: httpx.Client, base: str, slug: str) -> list[Figure]:
    page = f"{base}/s3:{slug}/large"
    rows = f"{base}/rows/s3:{slug}/large.parquet"
    profile = f"{base}/profile/s3:{slug}/large.parquet"
    ordered = {"order": "desc:cases", "count": "50"}
    filtered = {"where": '[["district", "=", "district-77"]]'}
    both = {**ordered, **filtered}
    cold = _timed(lambda: _get(http, f"{page}.parquet"), runs=1)
    return [
        Figure("1 GB Parquet: first preview, cold", cold, "s", 1.0),
        Figure("… warm", _timed(lambda: _get(http, f"{page}.parquet")), "s", 1.0),
        Figure(
            "1 GB CSV: first preview",
            _timed(lambda: _get(http, f"{page}.csv")),
            "s",
            1.0,
        ),
        Figure(
            "1 GB Parquet: profile of a column",
            _timed(lambda: _get(http, profile, {"column": "cases"})),
            "s",
        ),
        *(
            figure
            for name, query in (
                ("ordered by a number", ordered),
                ("filtered by a text", filtered),
                ("both", both),
            )
            for figure in _warmed(http, rows, name, query)
        ),
    ]


def _warmed(
    http: httpx.Client, rows: str, name: str, query: dict[str, str]
) -> list[Figure]:
    pages = itertools.count()

    def ask() -> None:
        # Each time another page, at once: faster than anybody reads.
        count = int(query.get("count", "100"))
        _get(http, rows, {**query, "at": str(next(pages) * count)})

    return [
        Figure(f"1 GB Parquet, {name}: cold", _timed(ask, runs=1), "s"),
        Figure("… warm, the next pages at once", _timed(ask), "s", 1.0, why=WHY),
        Figure("… and after some looking", _timed(ask, pause_s=LOOKING_S), "s", 1.0),
    ]


def _get(http: httpx.Client, path: str, query: dict[str, str] | None = None) -> None:
    answer = http.get(path, params=query)
    assert answer.status_code == 200, answer.text[:300]


def _timed(act: Callable[[], None], *, runs: int = RUNS, pause_s: float = 0.0) -> float:
    seconds = []
    for _ in range(runs):
        time.sleep(pause_s)
        begun = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - begun)
    return median(seconds)
