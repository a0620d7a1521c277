"""Lists and Lab's own parts go out compressed; downloads as they are."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx
import pytest
from tests.lab.server import LAB, Lab
from tests.lab.store import Store, bucket_of


@pytest.fixture
def many(drive: str, store: Store) -> str:
    for number in range(50):
        store.put(bucket_of(drive), f"many/{number:03}.csv", b"a,b\n1,2\n" * 1000)
    return f"{drive}/many"


def raw(answer: httpx.Response) -> int:
    return answer.num_bytes_downloaded


def test_a_list_is_compressed_for_whoever_takes_it(lab: Lab, many: str) -> None:
    url = f"/api/contents/{many}"
    packed = lab.http.get(url)
    plain = lab.http.get(url, headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    for answer in (packed, plain):
        assert "Accept-Encoding" in answer.headers["vary"]
    assert packed.json()["content"] == plain.json()["content"]
    assert raw(packed) < raw(plain) / 4


def test_a_list_of_a_thousand_and_more_is_the_same_list(
    lab: Lab, drive: str, store: Store
) -> None:
    names = [f"été {number:04}.csv" for number in range(1_001)]
    with ThreadPoolExecutor(8) as pool:
        put = partial(store.put, bucket_of(drive))
        list(pool.map(lambda name: put(f"many/{name}", b"1"), names))
    url = f"/api/contents/{drive}/many"
    packed = lab.http.get(url)
    plain = lab.http.get(url, headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json()
    assert [entry["name"] for entry in packed.json()["content"]] == names
    for name in names[:2]:
        store.s3.delete_object(Bucket=bucket_of(drive), Key=f"many/{name}")
    short = lab.get(f"{drive}/many").json()
    assert {**packed.json(), "content": None} == {**short, "content": None}
    assert packed.json()["content"][2:] == short["content"]
    assert httpx.get(f"http://127.0.0.1:{lab.port}{url}").status_code == 403


def test_checkpoints_and_trust_are_still_jupyters(lab: Lab) -> None:
    (lab.home / "draft.ipynb").write_text('{"cells": [], "metadata": {}}')
    found = lab.http.get("/api/contents/draft.ipynb/checkpoints")
    assert found.json() == []
    made = lab.http.post("/api/contents/draft.ipynb/checkpoints")
    assert made.status_code == 201
    assert lab.http.post("/api/contents/draft.ipynb/trust").status_code == 201


def test_scripts_and_translations_are_compressed(lab: Lab) -> None:
    folder = LAB / "share" / "jupyter" / "lab" / "static"
    script = max(folder.glob("jlab_core.*.js"))
    answer = lab.http.get(f"/static/lab/{script.name}")
    assert answer.content == script.read_bytes()
    assert raw(answer) < script.stat().st_size / 3
    since = {"If-Modified-Since": answer.headers["last-modified"]}
    again = lab.http.get(f"/static/lab/{script.name}", headers=since)
    assert again.status_code == 304
    for url in ("/lab/api/translations/fr_FR", "/lab/api/settings"):
        assert lab.http.get(url).headers["content-encoding"] == "gzip"


def test_a_part_of_a_script_is_a_part_of_the_script(lab: Lab) -> None:
    folder = LAB / "share" / "jupyter" / "lab" / "static"
    script = max(folder.glob("jlab_core.*.js"))
    part = lab.http.get(f"/static/lab/{script.name}", headers={"Range": "bytes=0-99"})
    assert part.status_code == 206
    assert part.content == script.read_bytes()[:100]


def test_downloads_keep_their_length(lab: Lab, many: str) -> None:
    answer = lab.file(f"{many}/001.csv")
    assert "content-encoding" not in answer.headers
    assert answer.headers["content-length"] == str(raw(answer)) == "8000"


def test_the_page_itself_and_what_is_refused_stay_plain(lab: Lab, drive: str) -> None:
    assert "content-encoding" not in lab.http.get("/lab").headers
    assert "content-encoding" not in lab.http.get("/api/me").headers
    missing = lab.get(f"{drive}/nowhere.csv")
    assert missing.status_code == 404
    assert "nowhere.csv" in missing.text
