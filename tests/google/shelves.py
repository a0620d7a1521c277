"""Buckets and generations as Google shows them, kept in a fake-gcs-server.

That server keeps every generation of a versioned bucket, but deletes no single one, and
knows no soft delete. Every bucket is versioned in it; what a bucket of another kind, or
one from which a generation was deleted, would not show is left out here.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx


class Failed(Exception):
    """An HTTP error: its status, what the JSON API says and the XML API's code."""

    def __init__(self, status: int, message: str, code: str = "") -> None:
        super().__init__(status, message)
        self.status, self.message, self.code = status, message, code


@dataclass
class Bucket:
    about: dict[str, Any]

    @property
    def keeping(self) -> str:
        if self.about.get("versioning", {}).get("enabled"):
            return "versions"
        policy = self.about.get(
            "softDeletePolicy", {"retentionDurationSeconds": "604800"}
        )
        return "soft" if int(policy["retentionDurationSeconds"]) else "nothing"

    @property
    def wants_payer(self) -> bool:
        return bool(self.about.get("billing", {}).get("requesterPays"))


@dataclass
class Shelves:
    backend_url: str
    buckets: dict[str, Bucket] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)
    _gone: set[tuple[str, str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.backend_url, timeout=60)

    # --- Buckets

    def create(self, about: dict[str, Any]) -> dict[str, Any]:
        name = about["name"]
        if name in self.buckets:
            raise Failed(
                409, "Your previous request to create the named bucket succeeded."
            )
        body = {"name": name, "versioning": {"enabled": True}}
        self.http.post("/storage/v1/b", params={"project": "p"}, json=body)
        self.buckets[name] = Bucket(about)
        return about

    def bucket(self, name: str) -> Bucket:
        if name not in self.buckets:
            raise Failed(404, "The specified bucket does not exist.", "NoSuchBucket")
        return self.buckets[name]

    def drop(self, name: str) -> None:
        self.bucket(name)
        if self.listed(name, "", versions=True):
            raise Failed(409, "The bucket you tried to delete is not empty.")
        for item in self._all(name, ""):
            self._gone.add((name, item["name"], item["generation"]))
        del self.buckets[name]

    # --- Objects

    def listed(
        self, bucket: str, prefix: str, *, versions: bool = False, soft: bool = False
    ) -> list[dict[str, Any]]:
        keeping = self.bucket(bucket).keeping
        found = self._all(bucket, prefix)
        if soft:
            past = [one for one in found if "timeDeleted" in one and keeping == "soft"]
            return [{**one, "softDeleteTime": one.pop("timeDeleted")} for one in past]
        if versions and keeping == "versions":
            return found
        return [one for one in found if "timeDeleted" not in one]

    def _all(self, bucket: str, prefix: str) -> list[dict[str, Any]]:
        asked = {"versions": "true", "prefix": prefix, "maxResults": "1000000"}
        answer = self.http.get(f"/storage/v1/b/{bucket}/o", params=asked).json()
        found = [
            one
            for one in answer.get("items", ())
            if (bucket, one["name"], one["generation"]) not in self._gone
        ]
        return sorted(
            found, key=lambda one: (one["name"].encode(), int(one["generation"]))
        )

    def live(self, bucket: str, name: str) -> dict[str, Any] | None:
        self.bucket(bucket)
        answer = self.http.get(path_of(bucket, name))
        if answer.status_code != 200:
            return None
        found: dict[str, Any] = answer.json()
        return found

    def find(
        self, bucket: str, name: str, generation: str = "", *, soft: bool = False
    ) -> dict[str, Any]:
        found = self.live(bucket, name)
        if generation and (found is None or found["generation"] != generation):
            kept = self.listed(bucket, name, versions=True, soft=soft)
            past = [one for one in kept if one["generation"] == generation]
            found = next((one for one in past if one["name"] == name), None)
        if found is None:
            raise Failed(404, f"No such object: {bucket}/{name}", "NoSuchKey")
        return found

    def check(self, bucket: str, name: str, asked: Mapping[str, str]) -> None:
        """The conditions of a request on what is there."""
        wanted = asked.get("ifGenerationMatch")
        if wanted is None:
            return
        there = self.live(bucket, name)
        if wanted != (there["generation"] if there else "0"):
            raise Failed(
                412,
                "At least one of the pre-conditions you specified did not hold.",
                "PreconditionFailed",
            )

    def put(self, bucket: str, name: str, content: bytes, kind: str) -> dict[str, Any]:
        self.bucket(bucket)
        made: dict[str, Any] = self.http.post(
            f"/upload/storage/v1/b/{bucket}/o",
            params={"uploadType": "media", "name": name},
            headers={"Content-Type": kind or "application/octet-stream"},
            content=content,
        ).json()
        return made

    def delete(self, bucket: str, name: str, generation: str = "") -> None:
        there = self.find(bucket, name, generation)
        if "timeDeleted" not in there:
            self.http.delete(path_of(bucket, name))
        if generation or self.bucket(bucket).keeping == "nothing":
            self._gone.add((bucket, name, there["generation"]))

    def rewrite(
        self, source: tuple[str, str], generation: str, target: tuple[str, str]
    ) -> dict[str, Any]:
        self.bucket(target[0])
        asked = {"sourceGeneration": generation} if generation else {}
        there = path_of(*target).removeprefix("/storage/v1")
        answer = self.http.post(
            f"{path_of(*source)}/rewriteTo{there}", params=asked, json={}
        )
        if answer.status_code != 200:
            raise Failed(404, f"No such object: {'/'.join(source)}", "NoSuchKey")
        made: dict[str, Any] = answer.json()
        return made

    def content(self, bucket: str, name: str, generation: str) -> bytes:
        asked = {"alt": "media", "generation": generation}
        return self.http.get(path_of(bucket, name), params=asked).content


def path_of(bucket: str, name: str) -> str:
    return f"/storage/v1/b/{bucket}/o/{quote(name, safe='')}"


def paged(
    found: Sequence[dict[str, Any]], prefix: str, delimiter: str, after: str, limit: int
) -> tuple[list[dict[str, Any]], list[str], str]:
    """Of a list by name: items, prefixes, and what continues it."""
    entries: list[tuple[str, dict[str, Any] | None]] = []
    for one in found:
        head, mark, _ = one["name"][len(prefix) :].partition(delimiter or "\0\0")
        if not mark:
            entries.append((one["name"], one))
        elif not entries or entries[-1] != (prefix + head + mark, None):
            entries.append((prefix + head + mark, None))
    start = int(after or 0)
    shown = entries[start : start + limit]
    following = str(start + limit) if start + limit < len(entries) else ""
    return (
        [one for _, one in shown if one is not None],
        [name for name, one in shown if one is None],
        following,
    )
