"""JSON lines as a table: an object is a row, its keys are columns."""

import json
from collections.abc import Sequence
from typing import Any

from hexa.backends.readers.objects import objects
from hexa.files.queries.tables import (
    MOST_COLUMNS,
    Column,
    Kind,
    NotLines,
    Table,
    clipped,
)

# The column of lines that are no objects.
ALONE = "value"
_SAMPLE = 200


def json_table(
    beginning: bytes, page: bytes, *, at: int, size: int, count: int
) -> Table:
    """The page of rows that starts at byte `at`; columns are those of the first rows.

    Raises NotLines where the beginning holds no whole line of JSON.
    """
    names, columns = columns_of(beginning, is_last=len(beginning) >= size)
    content = page if at else beginning
    rows, taken = [], 0
    for row, end in objects(content, alone=ALONE, is_last=at + len(content) >= size):
        rows.append([_cell(row.get(name)) for name in names[:MOST_COLUMNS]])
        taken = end
        if len(rows) == count:
            break
    has_more = taken > 0 and at + taken < size
    return Table(
        columns=columns[:MOST_COLUMNS],
        rows=rows,
        row_count=None if at or has_more else len(rows),
        column_count=len(names),
        following=at + taken if has_more else None,
    )


def columns_of(
    beginning: bytes, *, is_last: bool
) -> tuple[Sequence[str], Sequence[Column]]:
    """The keys of the first rows, and each as a column. Raises NotLines."""
    sample = [row for row, _ in objects(beginning, alone=ALONE, is_last=is_last)]
    if not sample:
        raise NotLines
    names = list(dict.fromkeys(name for row in sample[:_SAMPLE] for name in row))
    return names, [Column(clipped(name), _kind(sample, name)) for name in names]


def _cell(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return None if value is None else clipped(value)
    return clipped(json.dumps(value, ensure_ascii=False))


def _kind(rows: Sequence[dict[str, Any]], name: str) -> Kind:
    types = {type(row[name]) for row in rows if row.get(name) is not None}
    if types and types <= {int, float}:
        return "number"
    if types == {bool}:
        return "boolean"
    return "other" if types & {dict, list} else "text"
