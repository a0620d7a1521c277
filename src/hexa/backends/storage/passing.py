"""A body passed on to a signed link of a store, a piece in memory at a time."""

import http.client
import ssl
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from hexa.backends.storage.errors import StoreOutage
from hexa.backends.storage.reach import Reach

# The store answers when it has all; a piece must get through in this time.
_PATIENCE_S = 60
_LONGEST_ANSWER = 64 * 1024


class CutOff(Exception):
    """Who sends the body is gone; the store keeps nothing of it."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    etag: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Way:
    """A signed link, and for a store that is not our own how it may be connected to.

    `authority` is PEM, trusted instead of the system's.
    """

    url: str
    authority: str = ""
    reach: Reach | None = None

    def connection(self) -> http.client.HTTPConnection:
        """Raises OSError or EndpointNotAllowed."""
        parts = urlsplit(self.url)
        if parts.scheme == "https":
            trusted = ssl.create_default_context(cadata=self.authority or None)
            made: http.client.HTTPConnection = http.client.HTTPSConnection(
                parts.netloc, timeout=_PATIENCE_S, context=trusted
            )
        else:
            made = http.client.HTTPConnection(parts.netloc, timeout=_PATIENCE_S)
        made.connect()
        if self.reach:
            self.reach.checked(made.sock, by_proxy=False)
        return made


def put(
    way: Way, headers: Mapping[str, str], length: int, pieces: Iterable[bytes]
) -> Answer:
    """Blocks until the store has answered. Raises StoreOutage, EndpointNotAllowed, or
    what `pieces` does."""
    parts = urlsplit(way.url)
    try:
        connection = way.connection()
    except OSError as error:
        raise StoreOutage from error
    try:
        connection.putrequest("PUT", f"{parts.path}?{parts.query}")
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(length))
        connection.endheaders()
        # A store that refuses does not wait for the rest; it has said why.
        with suppress(BrokenPipeError, ConnectionResetError):
            for piece in pieces:
                connection.send(piece)
        response = connection.getresponse()
        body = response.read(_LONGEST_ANSWER)
    except (OSError, http.client.HTTPException) as error:
        raise StoreOutage from error
    finally:
        connection.close()
    return Answer(response.status, response.headers.get("ETag", ""), body)
