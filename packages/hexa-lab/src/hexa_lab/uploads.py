"""Files sent by JupyterLab in chunks: 1, 2, 3 …, and -1 for the last.

Chunks go on to the store as the parts of one multipart upload, so memory stays bounded
and the object appears whole or not at all.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import obstore

from hexa_lab.drives import OpenDrive
from hexa_lab.objects import PART, PARTS_IN_FLIGHT
from hexa_lab.places import Place
from hexa_lab.refusals import UploadBroken, store_errors

if TYPE_CHECKING:  # obstore has these for type checkers only
    from obstore import PutResult


LAST = -1
# A chunk is 1 MB. Whoever sends none for so long has closed the tab.
PATIENCE_S = 600.0
_WAITING = 4


class _Abandoned(Exception):
    """Ends the stream so that the store forgets the parts it has."""


class _End(enum.Enum):
    COMPLETE = enum.auto()
    ABANDONED = enum.auto()


_Queue = asyncio.Queue[bytes | _End]


@dataclass(slots=True)
class _Upload:
    queue: _Queue
    sending: asyncio.Future[PutResult]
    expected: int = 2
    size: int = 0


class Uploads:
    """The uploads under way, one per place."""

    def __init__(self, *, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._running: dict[Place, _Upload] = {}

    async def take(
        self, opened: OpenDrive, place: Place, chunk: int, body: bytes
    ) -> int:
        """Bytes received so far. Raises UploadBroken when a chunk is missing."""
        if chunk == 1:
            self._drop(place)
            self._running[place] = self._start(opened, place)
        upload = self._expecting(place, chunk)
        upload.size += len(body)
        await self._pass_on(place, upload, body)
        if chunk == LAST:
            await self._pass_on(place, upload, _End.COMPLETE)
            with store_errors(place.key):
                await upload.sending
        return upload.size

    def close(self) -> None:
        for place in list(self._running):
            self._drop(place)

    def _expecting(self, place: Place, chunk: int) -> _Upload:
        upload = self._running.get(place)
        if upload is None:
            raise UploadBroken(path=place.key)
        if chunk > 1:
            if chunk != upload.expected:
                self._drop(place)
                raise UploadBroken(path=place.key)
            upload.expected += 1
        return upload

    def _start(self, opened: OpenDrive, place: Place) -> _Upload:
        queue = _Queue(maxsize=_WAITING)
        sending = asyncio.ensure_future(
            obstore.put_async(
                opened.store,
                place.key,
                self._chunks(queue),
                chunk_size=PART,
                max_concurrency=PARTS_IN_FLIGHT,
            )
        )
        upload = _Upload(queue, sending)

        def ended(done: asyncio.Future[PutResult]) -> None:
            if self._running.get(place) is upload:
                del self._running[place]
            # Looked at, so that an abandoned upload is not reported as a lost error.
            if not done.cancelled():
                done.exception()

        sending.add_done_callback(ended)
        return upload

    async def _chunks(self, queue: _Queue) -> AsyncIterator[bytes]:
        while True:
            try:
                async with asyncio.timeout(self._patience_s):
                    body = await queue.get()
            except TimeoutError as error:
                raise _Abandoned from error
            if body is _End.COMPLETE:
                return
            if body is _End.ABANDONED:
                raise _Abandoned
            yield body

    async def _pass_on(self, place: Place, upload: _Upload, body: bytes | _End) -> None:
        """Waits while the store is slower than the browser; raises what stopped it."""
        putting = asyncio.ensure_future(upload.queue.put(body))
        either: set[asyncio.Future[None] | asyncio.Future[PutResult]]
        either = {putting, upload.sending}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not upload.sending.done():
            return
        putting.cancel()
        if body is _End.COMPLETE:
            return
        with store_errors(place.key):
            await upload.sending
        raise UploadBroken(path=place.key)

    def _drop(self, place: Place) -> None:
        upload = self._running.pop(place, None)
        if upload is None:
            return
        while not upload.queue.empty():
            upload.queue.get_nowait()
        upload.queue.put_nowait(_End.ABANDONED)
