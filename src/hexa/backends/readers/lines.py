"""JSON lines, whole, as a table of texts, for files small enough to be ordered."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from hexa.backends.readers import fetching, texts
from hexa.backends.readers.objects import objects


def table(told: dict[str, Any]) -> Any:
    """Columns c0, c1, … hold what stands under each of `names`.

    A line that is no object stands under `alone`; what follows a line that is no JSON
    is left out, as on the pages in the file's own order.
    """
    content = fetching.whole(told["url"], most_bytes=told["most_bytes"])
    return texts.table(_rows(content, told), width=len(told["names"]))


def _rows(content: bytes, told: dict[str, Any]) -> Iterator[Sequence[str | None]]:
    for row, _ in objects(content, alone=told["alone"]):
        yield [_cell(row.get(name)) for name in told["names"]]


def _cell(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
