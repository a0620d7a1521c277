"""Bytes that pass through the platform, because their store is out of reach."""

import asyncio
import mimetypes
import re
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.views.decorators.http import require_safe

from hexa.files.queries import passing
from hexa.files.views.requests import asker, drive_named
from hexa.foundation.access import people, public

_PIECE = 4 * 2**20
_OPAQUE = "application/octet-stream"
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
# What a browser may show by itself. A picture in SVG can hold scripts: they run neither
# in the place of an image nor, by the policy below, where it is opened alone.
_SHOWN = frozenset(
    (
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "image/avif",
        "image/svg+xml",
        "application/pdf",
    )
)


@people
@require_safe
async def content(
    request: HttpRequest, slug: str, drive: str, path: str
) -> HttpResponseBase:
    """For a browser: what stands here never acts on our pages."""
    return _answer(request, await sync_to_async(_named)(request, slug, drive, path))


@public(why="the link is signed, names one object, and ends in an hour")
@require_safe
async def passed(request: HttpRequest, token: str) -> HttpResponseBase:
    """For a reader of ours."""
    return _answer(request, await sync_to_async(passing.passage_of)(token))


def _named(request: HttpRequest, slug: str, drive: str, path: str) -> passing.Passage:
    found = drive_named(request, slug, drive)
    version = request.GET.get("version", "")
    return passing.passage(found, path, version=version, by=asker(request))


def _answer(request: HttpRequest, found: passing.Passage) -> HttpResponseBase:
    size = found.facts.size_bytes
    start, end = _asked(request.headers.get("Range", ""), size)
    if start >= end and size:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    response: HttpResponseBase = (
        HttpResponse()
        if request.method == "HEAD"
        else StreamingHttpResponse(_pieces(found, start, end))
    )
    if (start, end) != (0, size):
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    kind, _ = mimetypes.guess_type(found.facts.name)
    response["Content-Type"] = kind if kind and _is_shown(kind) else _OPAQUE
    response["Content-Length"] = str(end - start)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = f'"{found.facts.etag}"'
    response["Cache-Control"] = "private, max-age=0, must-revalidate"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _is_shown(kind: str) -> bool:
    return kind in _SHOWN or kind.startswith(("audio/", "video/"))


def _asked(header: str, size: int) -> tuple[int, int]:
    """First byte and the one after the last; all of it where no range is understood."""
    found = _RANGE.fullmatch(header)
    if not found or not (found[1] or found[2]):
        return 0, size
    if not found[1]:
        return max(0, size - int(found[2])), size
    return int(found[1]), min(size, int(found[2]) + 1) if found[2] else size


async def _pieces(found: passing.Passage, start: int, end: int) -> AsyncIterator[bytes]:
    """A few megabytes in memory at a time, and none when nobody reads on."""
    while start < end:
        piece = await asyncio.to_thread(found.read, start, min(_PIECE, end - start))
        if not piece:
            return
        start += len(piece)
        yield piece
