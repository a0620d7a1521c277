"""A folder as the explorer lists it, against the raw store."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import obstore
from obstore.store import S3Store

from tests.bench.table import Figure, median
from tests.bench.visitor import Visitor
from tests.platforms import Platform

KEYS = 10_000
RUNS = 3
WHY_WAIT = "its own way through the front door, and processors that are busy, count too"
WHY = (
    "to the store's 0.2 s of processor come 0.1 s in the notebook server, which reads its"
    " answer and writes 2.8 MB of JSON, and 0.05 s of gateway and front door"
)


def measured(platform: Platform) -> list[Figure]:
    slug = "folders"
    with Visitor(platform, platform.admin_email, platform.admin_password) as admin:
        admin.make_workspace(slug)
        raw = store_of(platform, slug)
        return _explorer(admin, raw, slug)


def store_of(platform: Platform, bucket: str) -> S3Store:
    place = platform.installation
    return S3Store(
        bucket,
        endpoint=f"http://127.0.0.1:{place.ports.store_s3}",
        region="us-east-1",
        access_key_id=place.secret("store-admin-id"),
        secret_access_key=place.secret("store-admin-secret"),
        virtual_hosted_style_request=False,
        client_options={"allow_http": True},
    )


def _timed(act: Callable[[], None]) -> float:
    seconds = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - begun)
    return median(seconds)


def _explorer(admin: Visitor, raw: S3Store, slug: str) -> list[Figure]:
    """A folder of 10 000 keys, as JupyterLab asks for it."""
    keys = (f"many/{number:05}.csv" for number in range(KEYS))
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda key: obstore.put(raw, key, b"a,b\n1,2\n"), keys))
    listed = _timed(lambda: _list_raw(raw))
    admin.open_lab(slug, "admin")
    url = f"/notebooks/user/admin/{slug}/api/contents/s3%3A{slug}/many?content=1"
    explored = _timed(lambda: _explore(admin, url))
    beside = f"/notebooks/user/admin/{slug}/api/kernels"
    stalled = _longest_wait(admin, beside, lambda: _explore(admin, url))
    admin.stop_lab(slug)
    return [
        Figure("10 000 keys: raw obstore", listed, "s"),
        Figure("10 000 keys: explorer", explored, "s", 1.0),
        Figure("… against raw", explored / listed, "×", 2.0, why=WHY),
        Figure("… longest wait of another request", stalled, "s", 0.1, why=WHY_WAIT),
    ]


def _longest_wait(admin: Visitor, url: str, act: Callable[[], None]) -> float:
    """Of requests that are asked one after another, for as long as the other lasts."""
    waits = []
    with ThreadPoolExecutor(1) as pool:
        going = pool.submit(act)
        while not going.done():
            begun = time.perf_counter()
            assert admin.http.get(url).is_success
            waits.append(time.perf_counter() - begun)
        going.result()
    return max(waits)


def _list_raw(raw: S3Store) -> None:
    found = obstore.list_with_delimiter(raw, "many/")
    assert len(found["objects"]) == KEYS


def _explore(admin: Visitor, url: str) -> None:
    answer = admin.http.get(url)
    assert len(answer.json()["content"]) == KEYS
