"""The content of files and notebooks between JupyterLab and the store."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import nbformat
from nbformat import NotebookNode

from hexa_lab.models import Model
from hexa_lab.refusals import BadEncoding, BadNotebook, BadRequest, TooBig

if TYPE_CHECKING:  # obstore has these for type checkers only
    from obstore import ObjectMeta


# Beyond, the browser is what gives up: the content travels as one JSON string.
OPEN_LIMIT = 50 << 20
# Below, a thread costs more than it spares the event loop.
_QUICK = 256 << 10

T = TypeVar("T")


def check_size(path: str, meta: ObjectMeta) -> None:
    """Raises TooBig."""
    if meta["size"] > OPEN_LIMIT:
        size, limit = round(meta["size"] / 1e6), round(OPEN_LIMIT / 1e6)
        raise TooBig(path=path, size=str(size), limit=str(limit))


async def notebook_of(path: str, body: bytes) -> NotebookNode:
    """Raises BadNotebook."""

    def parsed() -> NotebookNode:
        try:
            notebook: NotebookNode = nbformat.reads(body.decode(), as_version=4)
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise BadNotebook(path=path, why=str(error)) from error
        return notebook

    return await _aside(parsed, len(body))


async def text_or_base64(path: str, body: bytes, wanted: str | None) -> tuple[str, str]:
    """Content and format. Raises BadEncoding when text is wanted and it is none."""

    def converted() -> tuple[str, str]:
        if wanted != "base64":
            try:
                return body.decode(), "text"
            except UnicodeDecodeError as error:
                if wanted == "text":
                    raise BadEncoding(path=path) from error
        return base64.b64encode(body).decode(), "base64"

    return await _aside(converted, len(body))


async def bytes_of(model: Model) -> bytes:
    """What is to be stored. Raises BadRequest."""
    content = model["content"]
    if model["type"] == "notebook":
        return await _aside(lambda: _notebook_bytes(content), _QUICK + 1)
    if not isinstance(content, str) or model.get("format") not in {"text", "base64"}:
        raise BadRequest(why="the format of a file is text or base64")
    return await _aside(lambda: _file_bytes(content, model["format"]), len(content))


def _notebook_bytes(content: Any) -> bytes:
    text: str = nbformat.writes(nbformat.from_dict(content), version=4)
    return text.encode()


def _file_bytes(content: str, form: str) -> bytes:
    if form == "text":
        return content.encode()
    try:
        return base64.b64decode(content.encode("ascii"), validate=False)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise BadRequest(why="not base64") from error


async def _aside(work: Callable[[], T], size: int) -> T:
    """Big conversions in a thread, so that other requests are not held up."""
    return work() if size < _QUICK else await asyncio.to_thread(work)
