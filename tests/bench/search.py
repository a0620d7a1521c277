"""Files by the million: listing against the raw store, search, and other orders."""

import itertools
import os
import time
from collections.abc import Callable, Iterator
from functools import partial

import obstore
from django.conf import settings
from django.db import connection
from django.test import Client
from obstore.store import S3Store

from hexa.files.actions import entries, indexing
from hexa.files.index import DriveIndex, IndexEntry
from hexa.files.models import Drive
from hexa.files.queries import listing, search
from hexa.workspaces.models import Workspace
from tests.bench.table import Figure, median
from tests.makers import PASSWORD, TESTS, make_person, make_workspace
from tests.stores import RunningStore
from tests.stores_filled import fill

RUNS = 7
SWEEP_S = 30.0
WHY = "by the clock: a search takes up to 80 ms of one processor, which others may use"
COUNTS = (10_000, 1_000_000)
# Common, rare, endings, two words, one of them of a folder, three words, absent.
WORDS = (
    "cases", "rapport-03-123", ".parquet", "csv", "stock 17", "malaria stock",
    "measles .json", "malaria 2014 deaths", "malaria cases csv", "zzzz",
)  # fmt: skip
FOLDERS = ("", "data/tb/", "data/tb/2004/district-4/")

_ROWS = """
    INSERT INTO files_indexentry (drive_id, folder, name, kind, size_bytes,
        modified_at, etag, words, folder_words, sweep)
    SELECT %s, folder, name, 1, (random() * 1e9)::bigint,
        now() - random() * interval '900 days', md5(name), name, folder, 1
    FROM (SELECT
        'data/' || (ARRAY['malaria', 'cholera', 'dengue', 'measles', 'tb'])[1 + i %% 5]
            || '/' || (2000 + i %% 25) || '/district-' || (i %% 400) || '/' AS folder,
        (ARRAY['cases', 'deaths', 'tests', 'stock', 'nets', 'rapport'])[1 + i / 7 %% 6]
            || '-' || lpad((i %% 52)::text, 2, '0') || '-' || i
            || (ARRAY['.csv', '.parquet', '.xlsx', '.json'])[1 + i / 3 %% 4] AS name
        FROM generate_series(1, %s) AS i) AS made
"""


def measured(store: RunningStore) -> Iterator[list[Figure]]:
    for count in COUNTS:
        ana = make_person()
        workspace = make_workspace(by=ana)
        drive = Drive.objects.visible_to(TESTS).get(workspace=workspace, is_own=True)
        drive.workspace = workspace
        client = Client()
        client.post("/accounts/login/", {"login": ana.email, "password": PASSWORD})
        size = f"{count:,}".replace(",", " ")
        yield _searched(drive, client, count, size)
        yield _listed(drive, client, store, count, size)


def _searched(drive: Drive, client: Client, count: int, size: str) -> list[Figure]:
    _indexed(drive, count)
    base = f"/workspaces/{drive.workspace.slug}/files"
    ana = drive.workspace.memberships.get().user
    within = {
        f"{words} in {folder or 'all'}": _timed(
            partial(search.in_drive, drive, folder, words, by=TESTS)
        )
        for words, folder in itertools.product(WORDS, FOLDERS)
    }
    everywhere = {
        words: _timed(partial(search.everywhere, words, most=8, by=ana))
        for words in WORDS
    }
    page = _timed(partial(_get, client, f"{base}/search/{drive.name}/?q=cases"))
    figures = [
        _worst(f"search among {size} files", within),
        _worst(f"Ctrl-K among {size} files", everywhere),
        Figure(f"search among {size} files, page of 50", page * 1000, "ms"),
    ]
    folder = drive.url_of("data/tb/2004/district-4/")
    for sort in ("-size", "-date"):
        taken = _timed(partial(_get, client, f"{folder}?sort={sort}"))
        figures.append(Figure(f"folder by {sort}, of {size} files", taken * 1000, "ms"))
    _emptied(drive)
    return figures


def _worst(name: str, seconds: dict[str, float]) -> Figure:
    words = max(seconds, key=seconds.__getitem__)
    note = f"slowest: {words}; load {os.getloadavg()[0]:.0f}"
    return Figure(name, seconds[words] * 1000, "ms", 100, note=note, why=WHY)


def _indexed(drive: Drive, count: int) -> None:
    """Rows as sweeps would make them, but all at once, and their indexes after them."""
    entries.of(drive)
    known = IndexEntry._meta  # noqa: SLF001 # Django documents it
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'")
    with connection.schema_editor() as editor:
        for index in known.indexes:
            editor.remove_index(IndexEntry, index)
        for constraint in known.constraints:
            editor.remove_constraint(IndexEntry, constraint)
        editor.execute(_ROWS, [drive.pk, count])
        for constraint in known.constraints:
            editor.add_constraint(IndexEntry, constraint)
        for index in known.indexes:
            editor.add_index(IndexEntry, index)
    _tidied()
    DriveIndex.objects.filter(drive=drive).update(
        files=count, swept_at="2026-01-01T00:00Z", due_at="2100-01-01T00:00Z"
    )


def _emptied(drive: Drive) -> None:
    """As `indexing.rebuild` does, at the pace of a bench."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE files_indexentry")
    indexing.rebuild(drive)


def _tidied() -> None:
    """As PostgreSQL does by itself, some minutes later."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) files_indexentry")


def _listed(
    drive: Drive, client: Client, store: RunningStore, count: int, size: str
) -> list[Figure]:
    """A folder that holds them all, in the store."""
    with store.standing_still() as home:
        fill(home, bucket=drive.bucket, folder="many", count=count)
    raw = _raw(drive.workspace)
    first, ours = _timed_in_turn(
        lambda: list(itertools.islice(_chunks(raw), 1)),
        lambda: listing.folder(drive, "many/", by=TESTS),
    )
    pages = [_timed(partial(_get, client, url)) for url in _far(client, drive)]
    return [
        Figure(f"folder of {size}: 50 keys, raw obstore", first * 1000, "ms"),
        Figure(f"folder of {size}: a page's listing", ours * 1000, "ms"),
        Figure("… against raw", ours / first, "×", 2.0),
        Figure(f"folder of {size}: Files page", pages[0] * 1000, "ms"),
        Figure("… the fifth page against the first", pages[1] / pages[0], "×", 2.0),
        _swept(drive, size),
    ]


def _far(client: Client, drive: Drive) -> tuple[str, str]:
    """The first page of the folder, and the fifth."""
    first = url = drive.url_of("many/")
    for _ in range(4):
        url = client.get(url).context["next_url"]
    return first, url


def _swept(drive: Drive, size: str) -> Figure:
    """The pace of its first half minute: it does not change with what was read."""
    begun = time.perf_counter()
    while indexing.sweep(drive) and time.perf_counter() - begun < SWEEP_S:
        pass
    taken = time.perf_counter() - begun
    swept = DriveIndex.objects.get(drive=drive).files
    return Figure(f"first sweep of {size} files", swept / taken, "files/s")


def _raw(workspace: Workspace) -> S3Store:
    return S3Store(
        workspace.slug,
        endpoint=settings.STORE_ENDPOINT,
        region=settings.STORE_REGION,
        access_key_id=settings.STORE_ADMIN_ID,
        secret_access_key=settings.STORE_ADMIN_SECRET,
        virtual_hosted_style_request=False,
        client_options={"allow_http": True},
    )


def _chunks(raw: S3Store) -> Iterator[object]:
    return iter(obstore.list(raw, "many/", chunk_size=50))


def _get(client: Client, url: str) -> None:
    answer = client.get(url)
    assert answer.status_code == 200, url


def _timed(act: Callable[[], object]) -> float:
    return _timed_in_turn(act)[0]


def _timed_in_turn(*acts: Callable[[], object]) -> list[float]:
    """Seconds by the clock, since the database and the store work too.

    In turn, so that what else the machine does meets them all.
    """
    taken: list[list[float]] = [[] for _ in acts]
    for run in range(RUNS + 1):
        for act, seconds in zip(acts, taken, strict=True):
            begun = time.perf_counter()
            act()
            if run:
                seconds.append(time.perf_counter() - begun)
    return [median(seconds) for seconds in taken]
