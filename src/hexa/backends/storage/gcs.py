"""Google Cloud Storage, as the platform asks it of any store.

The etag of an object here is its generation: each content has its own.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from typing import Any
from urllib.parse import quote

from hexa.backends.storage import errors
from hexa.backends.storage.google.calls import generation_of, object_path
from hexa.backends.storage.google.history import History
from hexa.backends.storage.google.links import Links
from hexa.backends.storage.store import Credentials, Grant, ObjectFacts, Page

_ALL_VERSIONS = {"versions": "true"}


class GCS(History, Links):
    """Its fields are those of `Calls`."""

    # --- Buckets

    def create_bucket(self, bucket: str) -> None:
        """In the project of the account; closed to the public whatever is set later."""
        self._ask(
            "POST",
            "b",
            is_repeatable=False,
            params={"project": self.account.project},
            json={
                "name": bucket,
                "versioning": {"enabled": True},
                "iamConfiguration": {
                    "uniformBucketLevelAccess": {"enabled": True},
                    "publicAccessPrevention": "enforced",
                },
                "cors": cors_for(self.origin),
            },
        )

    def delete_bucket(self, bucket: str) -> None:
        try:
            while found := self._list(bucket, **_ALL_VERSIONS).get("items"):
                for one in found:
                    self._ask(
                        "DELETE",
                        object_path(bucket, one["name"]),
                        params={"generation": one["generation"]},
                    )
            self._ask("DELETE", f"b/{quote(bucket, safe='')}")
        except (errors.BucketNotFound, errors.ObjectNotFound):
            return

    # --- Reading

    def list_page(
        self, bucket: str, prefix: str = "", *, after: str = "", limit: int = 50
    ) -> Page:
        return self._page(bucket, prefix, "/", after, limit)

    def list_keys(
        self, bucket: str, prefix: str, *, after: str = "", limit: int = 1000
    ) -> Page:
        return self._page(bucket, prefix, "", after, limit)

    def _page(
        self, bucket: str, prefix: str, delimiter: str, after: str, limit: int
    ) -> Page:
        answer = self._list(
            bucket,
            prefix=prefix,
            delimiter=delimiter,
            pageToken=after,
            maxResults=limit,
        )
        objects = [
            _facts_of(one)
            for one in answer.get("items", ())
            # A folder made by hand holds an object of its own name.
            if not (delimiter and one["name"] == prefix)
        ]
        return Page(
            folders=list(answer.get("prefixes", ())),
            objects=objects,
            next=answer.get("nextPageToken"),
        )

    def head(self, bucket: str, key: str, *, version: str = "") -> ObjectFacts:
        return _facts_of(self._facts(bucket, key, generation=version))

    def read(
        self,
        bucket: str,
        key: str,
        *,
        start: int = 0,
        length: int,
        version: str = "",
    ) -> bytes:
        if length <= 0:
            return b""
        span = {"Range": f"bytes={start}-{start + length - 1}"}
        try:
            with self._media(bucket, key, span, generation=version) as answer:
                return b"".join(answer.iter_raw())
        except errors.InvalidForStore:  # the range starts at or after the end
            self.head(bucket, key, version=version)
            return b""

    def stream(
        self, bucket: str, key: str, *, chunk_bytes: int = 2**20, etag: str = ""
    ) -> Iterator[bytes]:
        unchanged = {"ifGenerationMatch": generation_of(etag)} if etag else {}
        with self._media(bucket, key, {}, **unchanged) as answer:
            yield from answer.iter_raw(chunk_bytes)

    def _media(
        self, bucket: str, key: str, headers: dict[str, str], **params: Any
    ) -> Any:
        url = f"{self.places.storage_url}/storage/v1/{object_path(bucket, key)}"
        return self._opened(url, headers=headers, params={"alt": "media", **params})

    # --- Sessions

    def mint(
        self, grants: Sequence[Grant], *, session: str, lifetime: dt.timedelta
    ) -> Credentials:
        """A bearer token, with neither id nor secret; Google ends it within an hour."""
        token = self.account.narrowed(grants)
        now = dt.datetime.now(dt.UTC)
        return Credentials(
            access_key_id="",
            secret_access_key="",
            token=token.value,
            expires_at=min(token.expires_at, now + lifetime),
            session=session,
        )

    def shut_out(self, bucket: str, sessions: Collection[str]) -> None:
        """Nothing: Google takes no token back. Those given out end within the hour."""


def cors_for(origin: str) -> list[dict[str, Any]]:
    return [
        {
            "origin": [origin],
            "method": ["GET", "HEAD", "PUT"],
            # What may be sent, and what may be read of the answer: one list at Google.
            "responseHeader": [
                "ETag",
                "Content-Type",
                "Content-MD5",
                "Content-Range",
                "x-goog-if-generation-match",
            ],
            "maxAgeSeconds": 3600,
        }
    ]


def _facts_of(found: Any) -> ObjectFacts:
    return ObjectFacts(
        key=found["name"],
        size_bytes=int(found["size"]),
        modified_at=dt.datetime.fromisoformat(found["updated"]),
        etag=found["generation"],
        content_type=found.get("contentType", ""),
        version=found["generation"],
    )
