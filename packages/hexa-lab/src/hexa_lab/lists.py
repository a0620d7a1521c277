"""`/api/contents/…` of folders of thousands, written and compressed in a thread.

Ten thousand files are 2.8 MB of JSON, for which Jupyter's own handler takes the loop that
answers everybody else.
"""

import asyncio
import json
import zlib
from collections.abc import Iterator
from itertools import islice

from jupyter_client.jsonutil import json_default
from jupyter_server.base.handlers import path_regex
from jupyter_server.services.contents.handlers import ContentsHandler

from hexa_lab.models import Model
from hexa_lab.squeezing import Squeezed

# Of Jupyter's: these have handlers of their own.
_NOT_OTHERS = r"(?!.*/(?:checkpoints(?:/[\w-]+)?|trust)$)"
ROUTE = rf"api/contents{_NOT_OTHERS}{path_regex}"
_LONG = 1000
# The encoder lets nobody run until it returns: so many entries take it a millisecond.
_AT_ONCE = 200
_GZIP_FORMAT = 31  # of zlib's window sizes, the one that means gzip


class ListsHandler(ContentsHandler):
    """As Jupyter's but for long lists, which are kept until they can be waited for."""

    _long: Model | None = None

    def _finish_model(self, model: Model, location: bool = True) -> None:  # noqa: FBT001, FBT002  # Jupyter's signature
        content = model["content"]
        if isinstance(content, list) and len(content) >= _LONG:
            self._long = model
        else:
            super()._finish_model(model, location)

    async def get(self, path: str = "") -> None:
        await super().get(path)  # which looks who asks
        if self._long is None:
            return
        self.set_header("Last-Modified", self._long["last_modified"])
        self.set_header("Content-Type", "application/json")
        is_squeezed = "gzip" in self.request.headers.get("Accept-Encoding", "")
        if is_squeezed:
            self.set_header("Content-Encoding", "gzip")
        self.finish(await asyncio.to_thread(_written, self._long, is_squeezed))


def _written(model: Model, is_squeezed: bool) -> bytes:  # noqa: FBT001
    pieces = (piece.encode() for piece in _pieces(model))
    if not is_squeezed:
        return b"".join(pieces)
    squeezing = zlib.compressobj(Squeezed.GZIP_LEVEL, zlib.DEFLATED, _GZIP_FORMAT)
    done = [squeezing.compress(piece) for piece in pieces]
    return b"".join([*done, squeezing.flush()])


def _pieces(model: Model) -> Iterator[str]:
    about = {name: value for name, value in model.items() if name != "content"}
    yield json.dumps(about, default=json_default)[:-1] + ', "content": ['
    entries, between = iter(model["content"]), ""
    while some := list(islice(entries, _AT_ONCE)):
        yield between + json.dumps(some, default=json_default)[1:-1]
        between = ", "
    yield "]}"
