"""Chunks as they come, read like a file."""

import io
from collections.abc import Iterator


class Streamed(io.RawIOBase):
    """Forwards only, and never more in memory than a chunk."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks = chunks
        self._held = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # what io gives
        if not self._held:
            self._held = next(self._chunks, b"")
        piece = self._held[: len(buffer)]
        buffer[: len(piece)] = piece
        self._held = self._held[len(piece) :]
        return len(piece)
