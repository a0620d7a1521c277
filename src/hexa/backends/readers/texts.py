"""Rows of text as a table, a batch at a time."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa

_BATCH = 20_000


def table(rows: Iterable[Sequence[str | None]], *, width: int) -> Any:
    """Columns c0, c1, …; what a row lacks is missing, what it has beyond is left out."""
    schema = pa.schema([(f"c{at}", pa.string()) for at in range(width)])
    left = iter(rows)
    batches = []
    while some := list(islice(left, _BATCH)):
        columns = [
            pa.array([row[at] if at < len(row) else None for row in some], pa.string())
            for at in range(width)
        ]
        batches.append(pa.RecordBatch.from_arrays(columns, schema=schema))
    return pa.Table.from_batches(batches, schema)
