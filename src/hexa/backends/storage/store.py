"""What the platform asks of an object store, whoever runs it.

    buckets    create, delete whole
    reading    a page of a folder, one object's facts, bytes of it
    writing    small, streamed, in parts, copied
    history    deleted and brought back, versions
    links      signed for a browser
    sessions   credentials for exactly some drives, and their early end

Every call may raise the refusals of `errors` and StoreOutage.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Protocol


@dataclass(frozen=True, slots=True)
class ObjectFacts:
    key: str
    size_bytes: int
    modified_at: dt.datetime
    etag: str
    content_type: str = ""
    version: str = ""

    @property
    def name(self) -> str:
        return self.key.rstrip("/").rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Page:
    """Part of one folder, by name. `next` continues it; None: this was the last."""

    folders: Sequence[str]
    objects: Sequence[ObjectFacts]
    next: str | None


# What a writer may replace, if it may replace whatever stands there.
ANYTHING = "*"


def condition(replacing: str | None) -> dict[str, str]:
    """The headers by which a store holds a writer to what it may replace (HTTP 412).

    None: nothing; ANYTHING; or the content of that etag.
    """
    if replacing is None:
        return {"If-None-Match": "*"}
    return {} if replacing == ANYTHING else {"If-Match": f'"{replacing}"'}


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy, or an upload, is now; no `version` where the bucket keeps none."""

    etag: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """What an object held, or (`is_deletion`) that it was deleted, which holds nothing.

    The one that is latest is in force. One that is not can be restored by its `id`.
    """

    key: str
    id: str
    is_latest: bool
    is_deletion: bool
    size_bytes: int
    modified_at: dt.datetime
    etag: str = ""


@dataclass(frozen=True, slots=True)
class VersionPage:
    """Part of a history, by key, and of one key the newest first.

    `next` continues it; None: this was the last.
    """

    versions: Sequence[Version]
    next: str | None


@dataclass(frozen=True, slots=True)
class Part:
    number: int
    etag: str


@dataclass(frozen=True, slots=True)
class StoredPart:
    """A part that arrived whole.

    The etag is the MD5 of its bytes in hexadecimal; in a store that encrypts by keys of
    its own it is only a name.
    """

    number: int
    etag: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Marker:
    """What hides a deleted object; taking it away brings the object back."""

    key: str
    version: str


@dataclass(frozen=True, slots=True)
class Grant:
    """Leave to read, or also to write, a bucket or what starts with `prefix` in it."""

    bucket: str
    write: bool
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Of one session. `session` is the name under which they can be ended."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    token: str = field(repr=False)
    expires_at: dt.datetime
    session: str


class ObjectStore(Protocol):
    def create_bucket(self, bucket: str) -> None:
        """Versioned, and open to browsers on the platform's own pages only.

        Raises BucketExists.
        """
        ...

    def delete_bucket(self, bucket: str) -> None:
        """With all it holds and ever held; silent when there is none."""
        ...

    def list_page(
        self, bucket: str, prefix: str = "", *, after: str = "", limit: int = 50
    ) -> Page:
        """What stands directly in the folder `prefix` ("" or ending in /)."""
        ...

    def list_keys(
        self, bucket: str, prefix: str, *, after: str = "", limit: int = 1000
    ) -> Page:
        """All that starts with `prefix`, at any depth."""
        ...

    def head(self, bucket: str, key: str, *, version: str = "") -> ObjectFacts:
        """Of the object, or of one of its versions. Raises ObjectNotFound."""
        ...

    def read(
        self, bucket: str, key: str, *, start: int = 0, length: int, version: str = ""
    ) -> bytes:
        """Up to `length` bytes; fewer at the end of the object."""
        ...

    def stream(
        self, bucket: str, key: str, *, chunk_bytes: int = 2**20, etag: str = ""
    ) -> Iterator[bytes]:
        """The whole object, a chunk in memory at a time.

        With `etag`, of exactly that content: raises ObjectChanged.
        """
        ...

    def put(
        self, bucket: str, key: str, content: bytes, *, content_type: str = ""
    ) -> None: ...

    def put_stream(
        self,
        bucket: str,
        key: str,
        content: IO[bytes],
        *,
        content_type: str = "",
        replacing: str | None = ANYTHING,
    ) -> Copied:
        """Any size in bounded memory; appears when whole.

        `replacing` as in `copy`; raises ObjectExists or ObjectChanged.
        """
        ...

    def make_folder(self, bucket: str, prefix: str) -> None: ...

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
        """Any size, inside the store; type and metadata go with it.

        With `version`, of that one; with `etag`, of exactly that content. `replacing`
        says what may be replaced: nothing (raises ObjectExists), the content of that
        etag, or ANYTHING. Raises ObjectChanged where either etag is not there.
        """
        ...

    def start_upload(self, bucket: str, key: str, *, content_type: str = "") -> str:
        """An upload in parts; its id."""
        ...

    def stored_parts(self, bucket: str, key: str, upload: str) -> list[StoredPart]:
        """Those that have arrived, by number. Raises UploadNotFound.

        One that was sent again may be there several times: some stores keep each, and
        `complete_upload` names the one that is meant by its etag.
        """
        ...

    def complete_upload(
        self,
        bucket: str,
        key: str,
        upload: str,
        parts: Sequence[Part],
        *,
        replacing: str | None = ANYTHING,
    ) -> Copied:
        """The object appears, whole. `replacing` as in `copy`.

        Raises ObjectExists, ObjectChanged, UploadIncomplete (the parts are kept in all
        three) or UploadNotFound, which also means: it was completed before.
        """
        ...

    def abort_upload(self, bucket: str, key: str, upload: str) -> None: ...

    def keeps_versions(self, bucket: str) -> bool:
        """Whether what is overwritten or deleted there can be brought back."""
        ...

    def delete(self, bucket: str, keys: Sequence[str]) -> list[Marker]:
        """Hides up to 1 000 objects behind markers; silent about what is not there.

        A bucket that keeps no versions gives no markers: what it held is gone.
        """
        ...

    def undelete(self, bucket: str, markers: Sequence[Marker]) -> None:
        """Takes away markers that `delete` gave, up to 1 000. May be repeated."""
        ...

    def forget(self, bucket: str, versions: Sequence[Marker]) -> None:
        """Takes away exactly these versions, up to 1 000, for good. May be repeated.

        One that was in force uncovers the one before it.
        """
        ...

    def versions(
        self, bucket: str, prefix: str, *, after: str = "", limit: int = 1000
    ) -> VersionPage:
        """Of every object whose key starts with `prefix`, deletions too.

        In whatever order the store pages through keys; one page is sorted.
        """
        ...

    def versions_of(self, bucket: str, key: str, *, limit: int = 1000) -> VersionPage:
        """Of exactly this object, newest first. `next` only tells that there are more."""
        ...

    def condition(self, replacing: str | None) -> dict[str, str]:
        """The headers a request by `link_to_put` must carry to replace no more.

        None: nothing; ANYTHING; or the content of that etag.
        """
        ...

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
        """A URL for a browser; with `save_as` it downloads under that name.

        The browser may ask for ranges of it.

        `is_inside`: for a program on this side of the front door instead.
        """
        ...

    def link_to_put(
        self,
        bucket: str,
        key: str,
        *,
        lifetime: dt.timedelta,
        replacing: str | None = ANYTHING,
        is_inside: bool = False,
    ) -> str:
        """With `replacing`, the request must carry the headers of `condition` for it.

        Here and for parts a request may carry Content-MD5, and is refused (400,
        BadDigest) when other bytes arrive.
        """
        ...

    def link_to_put_part(
        self,
        bucket: str,
        key: str,
        upload: str,
        number: int,
        *,
        lifetime: dt.timedelta,
        is_inside: bool = False,
    ) -> str: ...

    def mint(
        self, grants: Sequence[Grant], *, session: str, lifetime: dt.timedelta
    ) -> Credentials:
        """Credentials that do exactly what is granted; with no grants, nothing.

        `session` must be new each time: it is what `shut_out` names.
        """
        ...

    def shut_out(self, bucket: str, sessions: Collection[str]) -> None:
        """Exactly these sessions are refused by the bucket from now on."""
        ...
