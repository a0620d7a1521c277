"""An object brought into this process or its folder, never more than was agreed."""

import urllib.request
from collections.abc import Iterator
from pathlib import Path

from hexa.backends.readers.errors import TooHeavy

_CHUNK = 2**20
_PATIENCE_S = 10


def chunks(url: str, *, most_bytes: int) -> Iterator[bytes]:
    """Raises TooHeavy once more arrives than `most_bytes`."""
    seen = 0
    # The link was signed by the platform; it is http, or https for stores elsewhere.
    with urllib.request.urlopen(url, timeout=_PATIENCE_S) as answer:  # noqa: S310
        while chunk := answer.read(_CHUNK):
            seen += len(chunk)
            if seen > most_bytes:
                raise TooHeavy
            yield chunk


def whole(url: str, *, most_bytes: int) -> bytes:
    return b"".join(chunks(url, most_bytes=most_bytes))


def kept(url: str, path: Path, *, most_bytes: int) -> None:
    with path.open("wb") as file:
        for chunk in chunks(url, most_bytes=most_bytes):
            file.write(chunk)
