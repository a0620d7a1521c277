"""What a Google bucket keeps of objects that were overwritten or deleted.

    versions  Object Versioning: earlier generations stay beside the present one
    soft      soft delete: they can be restored for some days (on by default)
    nothing   neither

Google has no markers of deletion. Ours name the generation that was deleted:
"deleted.1732460400000000". A deletion is undone by making that generation anew.
"""

import datetime as dt
import json
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import groupby
from operator import itemgetter
from typing import Any
from urllib.parse import quote

from hexa.backends.storage import errors
from hexa.backends.storage.google.calls import Keeping, object_path, said_of_the_target
from hexa.backends.storage.google.copies import Copies
from hexa.backends.storage.store import ANYTHING, Copied, Marker, Version, VersionPage

_MOST_AT_ONCE = 1000
_AT_A_TIME = 16
_DELETED = "deleted."
_KNOWN_SECONDS = 60


class History(Copies):
    def keeps_versions(self, bucket: str) -> bool:
        return self.keeping(bucket) != "nothing"

    def keeping(self, bucket: str) -> Keeping:
        """What becomes of what is overwritten there; known for a minute.

        A bucket that does not show its settings to us is taken to keep nothing.
        """
        now = time.monotonic()
        known = self._kept.get(bucket)
        if known is None or now - known[1] > _KNOWN_SECONDS:
            known = (self._look_at(bucket), now)
            self._kept[bucket] = known
        return known[0]

    def _look_at(self, bucket: str) -> Keeping:
        try:
            about = self.about(bucket)
        except errors.RefusedByStore:
            return "nothing"
        if about.get("versioning", {}).get("enabled"):
            return "versions"
        policy = about.get("softDeletePolicy", {})
        return "soft" if int(policy.get("retentionDurationSeconds", 0)) else "nothing"

    def about(self, bucket: str) -> Any:
        """The bucket's settings. Raises BucketNotFound, PermissionMissing."""
        return self._ask(
            "GET", f"b/{quote(bucket, safe='')}", absent=errors.BucketNotFound
        )

    # --- Deleting and bringing back

    def delete(self, bucket: str, keys: Sequence[str]) -> list[Marker]:
        if len(keys) > _MOST_AT_ONCE:
            raise ValueError(len(keys))
        is_kept = self.keeping(bucket) != "nothing"
        with ThreadPoolExecutor(_AT_A_TIME) as threads:
            gone = list(threads.map(lambda key: self._delete(bucket, key), keys))
        if not is_kept:
            return []
        return [
            Marker(key, _DELETED + generation)
            for key, generation in zip(keys, gone, strict=True)
            if generation
        ]

    def _delete(self, bucket: str, key: str) -> str:
        """The generation that was in force; "" if there was none."""
        try:
            generation: str = self._facts(bucket, key)["generation"]
            self._ask(
                "DELETE",
                object_path(bucket, key),
                params={"ifGenerationMatch": generation},
            )
        except errors.ObjectNotFound:
            return ""
        return generation

    def undelete(self, bucket: str, markers: Sequence[Marker]) -> None:
        self.forget(bucket, markers)

    def forget(self, bucket: str, versions: Sequence[Marker]) -> None:
        if len(versions) > _MOST_AT_ONCE:
            raise ValueError(len(versions))
        deletions = [one for one in versions if one.version.startswith(_DELETED)]
        contents = [one for one in versions if not one.version.startswith(_DELETED)]
        # Contents first: a deletion forgotten together with what it deleted then
        # brings nothing back.
        with ThreadPoolExecutor(_AT_A_TIME) as threads:
            list(threads.map(lambda one: self._forget(bucket, one), contents))
            list(threads.map(lambda one: self._uncover(bucket, one), deletions))

    def _uncover(self, bucket: str, one: Marker) -> None:
        self._restore(bucket, one.key, one.version.removeprefix(_DELETED))

    def _forget(self, bucket: str, one: Marker) -> None:
        was_in_force = False
        with suppress(errors.ObjectNotFound):
            was_in_force = self._facts(bucket, one.key)["generation"] == one.version
        with suppress(errors.ObjectNotFound):
            self._ask(
                "DELETE",
                object_path(bucket, one.key),
                params={"generation": one.version},
            )
        if was_in_force and (earlier := self._newest_earlier(bucket, one.key)):
            self._restore(bucket, one.key, earlier)

    def _restore(self, bucket: str, key: str, generation: str) -> None:
        """Silent where something stands there again, or nothing is kept any more."""
        with suppress(errors.ObjectExists, errors.ObjectNotFound):
            self.copy(bucket, key, to_bucket=bucket, to_key=key, version=generation)

    def _newest_earlier(self, bucket: str, key: str) -> str:
        found = [one for one in self._kept_of(bucket, key) if one["name"] == key]
        return found[0]["generation"] if found else ""

    # --- Copies of what is kept

    def copy(
        self,
        bucket: str,
        key: str,
        *,
        to_bucket: str,
        to_key: str,
        version: str = "",
        etag: str = "",
        replacing: str | None = None,
    ) -> Copied:
        """Of what is softly deleted only to its own place: so far Google goes."""
        there = {"to_bucket": to_bucket, "to_key": to_key}
        try:
            return super().copy(
                bucket, key, **there, version=version, etag=etag, replacing=replacing
            )
        except errors.ObjectNotFound:
            is_its_own = (bucket, key) == (to_bucket, to_key)
            if not version or not is_its_own or self.keeping(bucket) != "soft":
                raise
        return self._unbury(bucket, key, version, replacing)

    def _unbury(
        self, bucket: str, key: str, generation: str, replacing: str | None
    ) -> Copied:
        asked: dict[str, Any] = {"generation": generation}
        if replacing != ANYTHING:
            asked["ifGenerationMatch"] = replacing or 0
        path = f"{object_path(bucket, key)}/restore"
        with said_of_the_target(replacing):
            made = self._ask("POST", path, params=asked, is_repeatable=False)
        return Copied(etag=made["generation"], version=made["generation"])

    # --- Looking back

    def versions(
        self, bucket: str, prefix: str, *, after: str = "", limit: int = 1000
    ) -> VersionPage:
        """A key is told whole, so a page may hold a few more than `limit`."""
        start = json.loads(after)["startOffset"] if after else ""
        lists = [{"versions": "true"}]
        if self.keeping(bucket) == "soft":
            lists = [{}, {"softDeleted": "true"}]
        pages = [
            self._list(
                bucket, prefix=prefix, startOffset=start, maxResults=limit, **which
            )
            for which in lists
        ]
        found = [one for page in pages for one in page.get("items", ())]
        ends = [
            page["items"][-1]["name"]
            for page in pages
            if page.get("nextPageToken") and page.get("items")
        ]
        if not ends:
            return VersionPage(_versions(found), None)
        # The last key of a list may go on behind it: its turn is with the next page.
        end = min(ends)
        whole = [one for one in found if one["name"] < end]
        if not whole:
            whole, end = self._whole(bucket, end), f"{end}\x00"
        return VersionPage(_versions(whole), json.dumps({"startOffset": end}))

    def versions_of(self, bucket: str, key: str, *, limit: int = 1000) -> VersionPage:
        found = _versions(self._whole(bucket, key))
        return VersionPage(found[:limit], "more" if len(found) > limit else None)

    def _whole(self, bucket: str, key: str) -> list[Any]:
        """All there is of one key with more versions than a page."""
        live = []
        with suppress(errors.ObjectNotFound):
            live = [self._facts(bucket, key)]
        return live + [one for one in self._kept_of(bucket, key) if one["name"] == key]

    def _kept_of(self, bucket: str, prefix: str) -> list[Any]:
        """Of all keys that start so, what is no longer in force, newest first."""
        which = "softDeleted" if self.keeping(bucket) == "soft" else "versions"
        found: list[Any] = []
        token: str | None = ""
        while token is not None:
            asked = {which: "true", "prefix": prefix, "pageToken": token}
            # Nothing sorts between a key and the same key with a zero byte behind.
            page = self._list(bucket, endOffset=f"{prefix}\x00", **asked)
            found += page.get("items", ())
            token = page.get("nextPageToken")
        past = [one for one in found if _ended_at(one)]
        return sorted(past, key=_generation, reverse=True)


def _versions(found: Iterable[Any]) -> list[Version]:
    """By key, and of one key the newest first, its deletion before all."""
    by_key = sorted(found, key=itemgetter("name"))
    return [
        version
        for _, ones in groupby(by_key, key=itemgetter("name"))
        for version in _versions_of_one(ones)
    ]


def _versions_of_one(ones: Iterable[Any]) -> list[Version]:
    newest_first = sorted(ones, key=_generation, reverse=True)
    newest = newest_first[0]
    versions = [_version(one, is_latest=not _ended_at(one)) for one in newest_first]
    if ended_at := _ended_at(newest):
        versions.insert(
            0,
            Version(
                key=newest["name"],
                id=_DELETED + newest["generation"],
                is_latest=True,
                is_deletion=True,
                size_bytes=0,
                modified_at=dt.datetime.fromisoformat(ended_at),
            ),
        )
    return versions


def _version(one: Any, *, is_latest: bool) -> Version:
    return Version(
        key=one["name"],
        id=one["generation"],
        is_latest=is_latest,
        is_deletion=False,
        size_bytes=int(one["size"]),
        modified_at=dt.datetime.fromisoformat(one["updated"]),
        etag=one["generation"],
    )


def _ended_at(one: Any) -> str:
    ended: str = one.get("timeDeleted") or one.get("softDeleteTime") or ""
    return ended


def _generation(one: Any) -> int:
    return int(one["generation"])
