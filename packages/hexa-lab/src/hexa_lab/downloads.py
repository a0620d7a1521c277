"""`/files/…`: the bytes of a file, streamed; ranges, conditions, names in any script."""

from __future__ import annotations

import mimetypes
import re
from email.utils import format_datetime
from typing import TYPE_CHECKING, Protocol, cast

import obstore
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import AuthenticatedFileHandler
from tornado import iostream, web

from hexa_lab import objects
from hexa_lab.drives import Drives, OpenDrive
from hexa_lab.places import Place
from hexa_lab.refusals import NoSuchFile, Refusal, answer, store_errors

if TYPE_CHECKING:  # obstore has these for type checkers only
    from obstore import GetOptions, ObjectMeta


_CHUNK = 4 << 20
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class Explorer(Protocol):
    """What is needed of the contents manager, which in turn names this handler."""

    allow_hidden: bool
    drives: Drives

    @property
    def language(self) -> str:
        """`en` or `fr`."""

    async def is_hidden(self, path: str) -> bool:
        """Whether Lab shows the path only on demand."""


class FilesHandler(AuthenticatedFileHandler):
    """Files of drives; those of the home as Jupyter serves them.

    Sign-in, XSRF check and `Content-Security-Policy: sandbox` are the base class's.
    """

    @property
    def _contents(self) -> Explorer:
        return cast("Explorer", self.contents_manager)

    @web.authenticated
    @authorized
    async def get(self, path: str, include_body: bool = True) -> None:  # type: ignore[override]  # noqa: FBT001, FBT002  # tornado's signature
        place = Place.of(path)
        if place.drive is None:
            served = super().get(path, include_body=include_body)
            assert served is not None, "tornado's own handler is a coroutine"
            await served
            return
        self.check_xsrf_cookie()
        contents = self._contents
        try:
            if not contents.allow_hidden and await contents.is_hidden(path):
                raise NoSuchFile(path=path)
            opened = await contents.drives.open(place.drive)
            meta = await objects.head(opened, place.key)
            await self._send(opened, place, meta, with_body=include_body)
        except Refusal as refusal:
            raise answer(refusal, contents.language) from refusal
        except iostream.StreamClosedError:
            # Whoever asked has gone; there is nobody to tell.
            self.log.debug("download abandoned")

    async def _send(
        self, opened: OpenDrive, place: Place, meta: ObjectMeta, *, with_body: bool
    ) -> None:
        self._describe(place, meta)
        if self._is_known(meta):
            self.set_status(304)
            return
        start, end = self._span(meta)
        if start >= end and meta["size"] > 0:
            self.set_status(416)
            self.set_header("Content-Range", f"bytes */{meta['size']}")
            return
        if (start, end) != (0, meta["size"]):
            self.set_status(206)
            self.set_header("Content-Range", f"bytes {start}-{end - 1}/{meta['size']}")
        self.set_header("Content-Length", end - start)
        if not with_body or start == end:
            return
        # If the object is replaced meanwhile, two files must not be mixed.
        options: GetOptions = {"range": (start, end), "if_match": meta["e_tag"]}
        with store_errors(place.key):
            found = await obstore.get_async(opened.store, place.key, options=options)
            async for chunk in found.stream(min_chunk_size=_CHUNK):
                self.write(chunk)
                await self.flush()

    def _describe(self, place: Place, meta: ObjectMeta) -> None:
        self.set_header("Accept-Ranges", "bytes")
        self.set_header("Cache-Control", "no-cache")
        self.set_header("Content-Type", content_type(place.name))
        modified = format_datetime(meta["last_modified"], usegmt=True)
        self.set_header("Last-Modified", modified)
        if meta["e_tag"]:
            self.set_header("Etag", meta["e_tag"])
        if self.get_argument("download", None) or place.name.endswith(".ipynb"):
            self.set_attachment_header(place.name)

    def _is_known(self, meta: ObjectMeta) -> bool:
        """Whether the browser already has this version."""
        asked = self.request.headers.get("If-None-Match", "")
        tags = {tag.strip().removeprefix("W/") for tag in asked.split(",")}
        return bool(meta["e_tag"]) and meta["e_tag"] in tags

    def _span(self, meta: ObjectMeta) -> tuple[int, int]:
        """First byte and the one after the last; empty when out of reach.

        What is not one simple range is answered whole, as RFC 9110 allows.
        """
        size = meta["size"]
        match = _RANGE.fullmatch(self.request.headers.get("Range", ""))
        if match is None or match.groups() == ("", "") or not self._is_current(meta):
            return 0, size
        first, last = match.groups()
        if not first:
            return max(0, size - int(last)), size
        end = size if not last else min(size, int(last) + 1)
        return int(first), end

    def _is_current(self, meta: ObjectMeta) -> bool:
        condition = self.request.headers.get("If-Range")
        modified = format_datetime(meta["last_modified"], usegmt=True)
        return condition is None or condition in {meta["e_tag"], modified}


def content_type(name: str) -> str:
    if name.endswith(".ipynb"):
        return "application/x-ipynb+json"
    kind, encoding = mimetypes.guess_type(name)
    if encoding == "gzip":
        return "application/gzip"
    if encoding is not None or kind is None:
        return "application/octet-stream"
    return "text/plain; charset=UTF-8" if kind == "text/plain" else kind
