"""A whole CSV as a table of texts, for those small enough to be ordered."""

import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pyarrow as pa

from hexa.backends.readers import fetching

_BATCH = 20_000
_LONGEST_FIELD = 2**20


def table(told: dict[str, Any]) -> Any:
    """Columns c0, c1, … as wide as `titles`; the first line is left out."""
    csv.field_size_limit(_LONGEST_FIELD)
    content = fetching.whole(told["url"], most_bytes=told["most_bytes"])
    text = io.TextIOWrapper(
        io.BytesIO(content), encoding=told["encoding"], errors="replace", newline=""
    )
    rows = (row for row in csv.reader(text, delimiter=told["delimiter"]) if row)
    next(rows, None)
    width = len(told["titles"])
    schema = pa.schema([(f"c{at}", pa.string()) for at in range(width)])
    return pa.Table.from_batches(list(_batches(rows, width, schema)), schema)


def _batches(rows: Iterator[list[str]], width: int, schema: Any) -> Iterator[Any]:
    while some := list(islice(rows, _BATCH)):
        columns = [
            pa.array(
                [row[at] or None if at < len(row) else None for row in some],
                pa.string(),
            )
            for at in range(width)
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)
