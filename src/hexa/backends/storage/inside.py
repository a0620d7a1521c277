"""A store seen from inside one folder of a bucket: keys are relative to it.

Everything goes through here on its way in and out, so that a drive which is a folder
of a bucket cannot reach what lies beside it.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import IO

from hexa.backends.storage.store import (
    ANYTHING,
    Copied,
    Credentials,
    Grant,
    Marker,
    ObjectFacts,
    ObjectStore,
    Page,
    Part,
    StoredPart,
    VersionPage,
)


class NotFromInside(TypeError):
    """This can be done to a whole bucket only."""


@dataclass(frozen=True, slots=True)
class Inside:
    """`prefix` ends in "/"."""

    store: ObjectStore
    prefix: str

    def create_bucket(self, bucket: str) -> None:
        raise NotFromInside(bucket)

    def delete_bucket(self, bucket: str) -> None:
        raise NotFromInside(bucket)

    def list_page(
        self, bucket: str, prefix: str = "", *, after: str = "", limit: int = 50
    ) -> Page:
        return self._page(
            self.store.list_page(bucket, self._in(prefix), after=after, limit=limit)
        )

    def list_keys(
        self, bucket: str, prefix: str, *, after: str = "", limit: int = 1000
    ) -> Page:
        return self._page(
            self.store.list_keys(bucket, self._in(prefix), after=after, limit=limit)
        )

    def head(self, bucket: str, key: str, *, version: str = "") -> ObjectFacts:
        return self._facts(self.store.head(bucket, self._in(key), version=version))

    def read(
        self, bucket: str, key: str, *, start: int = 0, length: int, version: str = ""
    ) -> bytes:
        return self.store.read(
            bucket, self._in(key), start=start, length=length, version=version
        )

    def stream(
        self, bucket: str, key: str, *, chunk_bytes: int = 2**20, etag: str = ""
    ) -> Iterator[bytes]:
        return self.store.stream(
            bucket, self._in(key), chunk_bytes=chunk_bytes, etag=etag
        )

    def put(
        self, bucket: str, key: str, content: bytes, *, content_type: str = ""
    ) -> None:
        self.store.put(bucket, self._in(key), content, content_type=content_type)

    def put_stream(
        self,
        bucket: str,
        key: str,
        content: IO[bytes],
        *,
        content_type: str = "",
        replacing: str | None = ANYTHING,
    ) -> Copied:
        return self.store.put_stream(
            bucket,
            self._in(key),
            content,
            content_type=content_type,
            replacing=replacing,
        )

    def make_folder(self, bucket: str, prefix: str) -> None:
        self.store.make_folder(bucket, self._in(prefix))

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
        if to_bucket != bucket:
            raise NotFromInside(to_bucket)
        return self.store.copy(
            bucket,
            self._in(key),
            to_bucket=to_bucket,
            to_key=self._in(to_key),
            version=version,
            etag=etag,
            replacing=replacing,
        )

    def start_upload(self, bucket: str, key: str, *, content_type: str = "") -> str:
        return self.store.start_upload(bucket, self._in(key), content_type=content_type)

    def stored_parts(self, bucket: str, key: str, upload: str) -> list[StoredPart]:
        return self.store.stored_parts(bucket, self._in(key), upload)

    def complete_upload(
        self,
        bucket: str,
        key: str,
        upload: str,
        parts: Sequence[Part],
        *,
        replacing: str | None = ANYTHING,
    ) -> Copied:
        return self.store.complete_upload(
            bucket, self._in(key), upload, parts, replacing=replacing
        )

    def abort_upload(self, bucket: str, key: str, upload: str) -> None:
        self.store.abort_upload(bucket, self._in(key), upload)

    def keeps_versions(self, bucket: str) -> bool:
        return self.store.keeps_versions(bucket)

    def delete(self, bucket: str, keys: Sequence[str]) -> list[Marker]:
        markers = self.store.delete(bucket, [self._in(key) for key in keys])
        return [replace(one, key=self._out(one.key)) for one in markers]

    def undelete(self, bucket: str, markers: Sequence[Marker]) -> None:
        self.store.undelete(bucket, self._markers(markers))

    def forget(self, bucket: str, versions: Sequence[Marker]) -> None:
        self.store.forget(bucket, self._markers(versions))

    def versions(
        self, bucket: str, prefix: str, *, after: str = "", limit: int = 1000
    ) -> VersionPage:
        found = self.store.versions(bucket, self._in(prefix), after=after, limit=limit)
        inside = [replace(one, key=self._out(one.key)) for one in found.versions]
        return replace(found, versions=inside)

    def versions_of(self, bucket: str, key: str, *, limit: int = 1000) -> VersionPage:
        found = self.store.versions_of(bucket, self._in(key), limit=limit)
        inside = [replace(one, key=self._out(one.key)) for one in found.versions]
        return replace(found, versions=inside)

    def condition(self, replacing: str | None) -> dict[str, str]:
        return self.store.condition(replacing)

    def link_to_get(
        self,
        bucket: str,
        key: str,
        *,
        lifetime: dt.timedelta,
        save_as: str = "",
        version: str = "",
        is_inside: bool = False,
    ) -> str:
        return self.store.link_to_get(
            bucket,
            self._in(key),
            lifetime=lifetime,
            save_as=save_as,
            version=version,
            is_inside=is_inside,
        )

    def link_to_put(
        self,
        bucket: str,
        key: str,
        *,
        lifetime: dt.timedelta,
        replacing: str | None = ANYTHING,
        is_inside: bool = False,
    ) -> str:
        return self.store.link_to_put(
            bucket,
            self._in(key),
            lifetime=lifetime,
            replacing=replacing,
            is_inside=is_inside,
        )

    def link_to_put_part(
        self,
        bucket: str,
        key: str,
        upload: str,
        number: int,
        *,
        lifetime: dt.timedelta,
        is_inside: bool = False,
    ) -> str:
        return self.store.link_to_put_part(
            bucket,
            self._in(key),
            upload,
            number,
            lifetime=lifetime,
            is_inside=is_inside,
        )

    def mint(
        self, grants: Sequence[Grant], *, session: str, lifetime: dt.timedelta
    ) -> Credentials:
        inside = [replace(one, prefix=self._in(one.prefix)) for one in grants]
        return self.store.mint(inside, session=session, lifetime=lifetime)

    def shut_out(self, bucket: str, sessions: Collection[str]) -> None:
        self.store.shut_out(bucket, sessions)

    def _in(self, key: str) -> str:
        return self.prefix + key

    def _out(self, key: str) -> str:
        return key.removeprefix(self.prefix)

    def _facts(self, found: ObjectFacts) -> ObjectFacts:
        return replace(found, key=self._out(found.key))

    def _page(self, found: Page) -> Page:
        return replace(
            found,
            folders=[self._out(one) for one in found.folders],
            objects=[self._facts(one) for one in found.objects],
        )

    def _markers(self, markers: Sequence[Marker]) -> list[Marker]:
        return [replace(one, key=self._in(one.key)) for one in markers]
