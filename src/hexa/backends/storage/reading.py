"""Streams that give less at a time than they are asked for."""

from typing import IO


def exactly(content: IO[bytes], size: int) -> bytes:
    """Exactly so much, unless it ends: a stream may give less at a time."""
    pieces: list[bytes] = []
    while size and (piece := content.read(size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)
