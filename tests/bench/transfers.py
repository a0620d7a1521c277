"""Bytes up and down, as the page moves them, against the raw store.

Both sides sum up what they send (MD5), since the page has the store verify all of it.
"""

import base64
import hashlib
import html
import json
import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from threading import Lock
from typing import Any

import httpx

from tests.bench.table import Figure, median
from tests.bench.visitor import Visitor
from tests.platforms import Platform

MB, GB = 10**6, 10**9
SMALL_FILES, SMALL_BYTES = 1000, 10_000
# As the island does.
PARTS_AT_ONCE, FILES_AT_ONCE, WISHES = 3, 4, 100
LATELY_S, MOST_AHEAD = 5, 15
# Processor time was counted by process: see docs/decisions/0021.
WHY = (
    "client, store and front door share the processors: to the store's 1 to 3 s for 200 MB"
    " the front door adds 0.15 s down and 0.25 s up, most of it copying by the kernel; up,"
    " offer, further links and completion are 0.1 s more, whatever the size"
)
WHY_SMALL = (
    "each file is offered, signed, passed through the front door (0.5 ms), stored only"
    " where nothing stands (1.2 ms more in the store), noted, and its size told as the"
    " store has it"
)
JSON = {"Accept": "application/json"}
Act = Callable[[], None]


def measured(platform: Platform) -> list[Figure]:
    slug = "bytes"
    with Visitor(platform, platform.admin_email, platform.admin_password) as admin:
        admin.make_workspace(slug)
        page, raw = _Page(admin, slug), _Raw(platform, slug)
        return [
            *_large(page, raw, "200 MB", 200 * MB, runs=7),
            *_large(page, raw, "2 GB", 2 * GB, runs=1),
            *_small(page, raw),
        ]


def _large(
    page: "_Page", raw: "_Raw", name: str, size: int, *, runs: int
) -> list[Figure]:
    content = os.urandom(size)
    names = (
        f"{size}-{number}.bin" for number in count()
    )  # a taken one costs a question
    up_raw, up = _in_turn(
        lambda: raw.put("raw.bin", content),
        lambda: page.put(next(names), content),
        runs,
    )
    sent = f"{size}-0.bin"
    down_raw, down = _in_turn(
        lambda: _drained(raw.http, raw.link(sent), size),
        lambda: _drained(page.http, page.download(sent), size),
        runs,
    )
    return [
        Figure(f"{name} up, raw store in parts", size / MB / up_raw, "MB/s"),
        Figure(f"{name} up, as the page does", size / MB / up, "MB/s"),
        Figure("… against raw", up_raw / up, "×", 0.9, "high", why=WHY),
        Figure(f"{name} down, raw store", size / MB / down_raw, "MB/s"),
        Figure(f"{name} down, as the page does", size / MB / down, "MB/s"),
        Figure("… against raw", down_raw / down, "×", 0.9, "high", why=WHY),
    ]


def _small(page: "_Page", raw: "_Raw") -> list[Figure]:
    files = {f"{n:04}.csv": os.urandom(SMALL_BYTES) for n in range(SMALL_FILES)}
    straight = _timed(lambda: raw.put_all(files))
    ours = _timed(lambda: page.put_all(files))
    return [
        Figure("1 000 files of 10 kB up, raw store", straight, "s"),
        Figure("1 000 files of 10 kB up, as the page does", ours, "s"),
        Figure("… raw against it", straight / ours, "×", 0.9, "high", why=WHY_SMALL),
    ]


def _in_turn(one: Act, other: Act, runs: int) -> tuple[float, float]:
    """Medians in seconds; in turn, since a machine's speed drifts."""
    pairs = [(_timed(one), _timed(other)) for _ in range(runs)]
    ones, others = zip(*pairs, strict=True)
    return median(ones), median(others)


def _timed(act: Act) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def _drained(http: httpx.Client, url: str, size: int) -> None:
    with http.stream("GET", url) as answer:
        assert answer.status_code == 200, answer.status_code
        assert sum(len(chunk) for chunk in answer.iter_raw(2**20)) == size


def _sum(content: bytes) -> "hashlib._Hash":
    return hashlib.md5(content, usedforsecurity=False)


def _sent(
    http: httpx.Client, url: str, content: bytes, headers: Mapping[str, str]
) -> str:
    """The MD5 of what was sent, which the store has verified."""
    summed = _sum(content)
    verified = {"Content-MD5": base64.b64encode(summed.digest()).decode()}
    answer = http.put(url, content=content, headers={**headers, **verified})
    assert answer.status_code == 200, answer.text[:300]
    return summed.hexdigest()


class _Page:
    """What `<hexa-upload>` and the download link do: see islands/upload/protocol.ts."""

    def __init__(self, admin: Visitor, slug: str) -> None:
        self.http, self.slug = admin.http, slug
        page = self.http.get(f"/workspaces/{slug}/files/s3:{slug}/")
        found = re.search(r'<hexa-upload addresses="([^"]+)"', page.text)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert found
        assert token
        self.addresses: dict[str, str] = json.loads(html.unescape(found[1]))
        self.headers = {"X-CSRFToken": token[1], "Referer": str(page.url), **JSON}

    def say(self, verb: str, **body: object) -> Any:
        url = self.addresses[verb]
        answer = self.http.post(url, json=body, headers=self.headers)
        assert answer.is_success, answer.text[:300]
        return answer.json()

    def offers(self, files: Mapping[str, bytes]) -> list[Any]:
        wishes = [
            {"name": name, "size": len(content), "modified": 1}
            for name, content in files.items()
        ]
        found: list[Any] = self.say("offer", wishes=wishes)["files"]
        again = [
            {**wish, "replaces": one["etag"]} if one["how"] == "taken" else wish
            for wish, one in zip(wishes, found, strict=True)
        ]
        return (
            found if again == wishes else list(self.say("offer", wishes=again)["files"])
        )

    def put(self, name: str, content: bytes) -> None:
        (ticket,) = self.offers({name: content})
        step = ticket["part_size"]

        numbers = range(1, -(-len(content) // step) + 1)
        links = _Links(self, ticket["upload"], numbers)
        for number, link in ticket["first"]:
            links.coming[number] = Future()
            links.coming[number].set_result(link)

        def part(number: int) -> dict[str, object]:
            start = (number - 1) * step
            link = links.to(number, sent=start)
            piece = content[start : start + step]
            etag = _sent(self.http, link["url"], piece, link["headers"])
            links.sent_at.append(time.monotonic())
            return {"number": number, "etag": etag}

        with ThreadPoolExecutor(PARTS_AT_ONCE) as pool:
            parts = list(pool.map(part, numbers))
        done = self.say("complete", upload=ticket["upload"], parts=parts)
        assert (done["how"], done["size"]) == ("done", len(content))

    def put_all(self, files: Mapping[str, bytes]) -> None:
        names = list(files)
        for start in range(0, len(names), WISHES):
            batch = names[start : start + WISHES]
            offers = self.offers({name: files[name] for name in batch})
            with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
                contents = [files[name] for name in batch]
                list(pool.map(self._whole, offers, contents))
            sizes = self.say("stored", keys=[one["key"] for one in offers])["sizes"]
            assert set(sizes.values()) == {SMALL_BYTES}

    def _whole(self, offer: Any, content: bytes) -> None:
        _sent(self.http, offer["url"], content, offer["headers"])

    def download(self, name: str) -> str:
        return f"/workspaces/{self.slug}/files/download/s3:{self.slug}/{name}"


class _Links:
    """As islands/upload/links.ts: with one, those of as many as were sent lately."""

    def __init__(self, page: _Page, upload: str, numbers: Sequence[int]) -> None:
        self.page, self.upload, self.numbers = page, upload, numbers
        self.coming: dict[int, Future[Any]] = {}
        self.sent_at: list[float] = []
        self.lock = Lock()

    def to(self, number: int, *, sent: int) -> Any:
        with self.lock:
            found = self.coming.pop(number, None)
            if found is None:
                ahead = self._next(number)
                futures = [Future[Any]() for _ in ahead]
                self.coming.update(zip(ahead, futures, strict=True))
        if found is not None:
            return found.result(timeout=60)
        about = {"number": number, "sent": sent, "ahead": ahead}
        answer = self.page.say("part", upload=self.upload, **about)
        for future, link in zip(futures, answer["ahead"], strict=True):
            future.set_result(link)
        return answer

    def _next(self, number: int) -> list[int]:
        lately = [at for at in self.sent_at if at > time.monotonic() - LATELY_S]
        later = [one for one in self.numbers if one > number and one not in self.coming]
        return later[: min(len(lately), MOST_AHEAD)]


class _Raw:
    """The same requests, straight to the store."""

    def __init__(self, platform: Platform, bucket: str) -> None:
        self.bucket = bucket
        self.http = httpx.Client(timeout=120)
        self.client = platform.s3()

    def link(self, key: str, operation: Any = "get_object", **more: object) -> str:
        named = {"Bucket": self.bucket, "Key": key, **more}
        url: str = self.client.generate_presigned_url(operation, Params=named)
        return url

    def put(self, key: str, content: bytes) -> None:
        step = 8 * 2**20
        named: Any = {"Bucket": self.bucket, "Key": key}
        upload = self.client.create_multipart_upload(**named)["UploadId"]

        def part(number: int) -> dict[str, object]:
            start = (number - 1) * step
            about: Any = {"UploadId": upload, "PartNumber": number}
            url = self.link(key, "upload_part", **about)
            etag = _sent(self.http, url, content[start : start + step], {})
            return {"PartNumber": number, "ETag": etag}

        with ThreadPoolExecutor(PARTS_AT_ONCE) as pool:
            parts: Any = list(pool.map(part, range(1, -(-len(content) // step) + 1)))
        self.client.complete_multipart_upload(
            **named, UploadId=upload, MultipartUpload={"Parts": parts}
        )

    def put_all(self, files: Mapping[str, bytes]) -> None:
        def one(name: str) -> None:
            _sent(self.http, self.link(f"raw/{name}", "put_object"), files[name], {})

        with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
            list(pool.map(one, files))
