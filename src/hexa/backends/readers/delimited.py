"""A whole CSV as a table of texts, for those small enough to be ordered."""

import csv
import io
from typing import Any

from hexa.backends.readers import fetching, texts

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
    filled = ([cell or None for cell in row] for row in rows)
    return texts.table(filled, width=len(told["titles"]))
