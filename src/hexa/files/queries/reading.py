"""An object as a file that is read in places, and never more of it than allowed."""

import io

from hexa.backends.storage.store import ObjectFacts
from hexa.files.models import Drive
from hexa.files.queries.store import store_of

_AHEAD = 256 * 2**10


class TooMuch(Exception):
    """More bytes were asked for than the preview may cost."""


class BoundedObject(io.RawIOBase):
    """Reads ranges from the store; raises TooMuch past `most_bytes` in all."""

    def __init__(self, drive: Drive, facts: ObjectFacts, *, most_bytes: int) -> None:
        super().__init__()
        self._drive = drive
        self._facts = facts
        self._left = most_bytes
        self._position = 0
        self._ahead = (0, b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {
            io.SEEK_SET: 0,
            io.SEEK_CUR: self._position,
            io.SEEK_END: self._facts.size_bytes,
        }
        self._position = max(0, start[whence] + offset)
        return self._position

    def read(self, size: int = -1) -> bytes:
        rest = max(0, self._facts.size_bytes - self._position)
        wanted = rest if size < 0 else min(size, rest)
        start, held = self._ahead
        inside = self._position - start
        if not (inside >= 0 and inside + wanted <= len(held)):
            inside, held = 0, self._fetch(min(max(wanted, _AHEAD), rest))
        found = held[inside : inside + wanted]
        self._position += len(found)
        return found

    def _fetch(self, length: int) -> bytes:
        self._left -= length
        if self._left < 0:
            raise TooMuch
        content = store_of(self._drive).read(
            self._drive.bucket, self._facts.key, start=self._position, length=length
        )
        self._ahead = (self._position, content)
        return content
