"""What is in one column: how many values, between which bounds, how they are spread.

count missing distinct is_exact     rows, and how many different values they hold
least most mean                     of numbers and dates; as text, None without any
bars     [[from, to, rows], …]      of equal width, ends included
common   [[value, rows], …]         of texts, the most frequent first
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hexa.backends.readers.tables import Tables, condition

_MOST_BARS = 16
_MOST_COMMON = 3
# Beyond it different values are estimated: to count them takes memory for each.
_EXACT_ROWS = 1_000_000
_COUNTED_VALUES = 100_000
_LONGEST_VALUE = 200
# Up to it every whole number has a double of its own.
_EXACT_TO = 2**53
_NO_FRACTION = 100_000
_DAY_S = 86_400


@dataclass(slots=True)
class _Column:
    """The values asked about, as a query that names them `v`."""

    tables: Tables
    sql: str
    parameters: Sequence[str]
    type: str
    kind: str

    def ask(self, wanted: str, then: str = "") -> list[tuple[Any, ...]]:
        asked = f"WITH asked AS ({self.sql}) SELECT {wanted} FROM asked {then}"
        return self.tables.connection.execute(asked, list(self.parameters)).fetchall()


def profile(tables: Tables, job: dict[str, Any]) -> dict[str, Any]:
    """Raises NoSuchColumn."""
    source = tables.source(job["source"])
    expression, type_ = source.expression(job["column"])
    where, parameters = condition(source, job["where"])
    kind = source.kinds[source.titles.index(job["column"])]
    sql = f"SELECT {expression} AS v FROM {source.sql} {where}"
    column = _Column(tables, sql, parameters, type_, kind)
    rows, present = column.ask("count(*), count(v)")[0]
    distinct, is_exact = _distinct(column, present)
    return {
        "count": rows,
        "missing": rows - present,
        "distinct": distinct,
        "is_exact": is_exact,
        **_spread(column),
        "common": _common(column, distinct),
    }


def _distinct(column: _Column, present: int) -> tuple[int | None, bool]:
    if column.kind == "other":
        return None, True
    if present <= _EXACT_ROWS:
        return int(column.ask("count(DISTINCT v)")[0][0]), True
    about = min(int(column.ask("approx_count_distinct(v)")[0][0]), present)
    # A tenth or more beside the truth: further digits would say what nobody knows.
    return int(float(f"{about:.2g}")), False


def _spread(column: _Column) -> dict[str, Any]:
    place, unit = _axis(column)
    if not place:
        return {"least": None, "most": None, "mean": None, "bars": []}
    within = f"WHERE isfinite({place})"
    least, most, mean, low, high, is_whole = column.ask(
        "CAST(min(v) AS VARCHAR), CAST(max(v) AS VARCHAR),"
        f" avg({place}), min({place}), max({place}),"
        f" bool_and({place} % {unit} = 0)",
        within,
    )[0]
    if low is None or not math.isfinite(high - low):
        return {"least": None, "most": None, "mean": None, "bars": []}
    step, count = _steps(low, high, unit if is_whole else 0)
    held = dict(
        column.ask(
            f"CAST(least(floor(({place} - {low!r}) / {step!r}), {count - 1}) AS INTEGER),"
            " count(*)",
            f"{within} GROUP BY 1",
        )
    )
    end = unit if is_whole else 0
    is_date = column.kind == "date"
    named = _moment if is_date else _number
    bars = [
        [
            named(low + at * step),
            named(min(low + (at + 1) * step - end, high)),
            held.get(at, 0),
        ]
        for at in range(count)
    ]
    return {
        "least": least,
        "most": most,
        "mean": None if is_date else _number(mean),
        "bars": bars,
    }


def _axis(column: _Column) -> tuple[str, int]:
    """Where a value stands on a line, as SQL, and what counts as whole there."""
    if column.kind == "number":
        return "CAST(v AS DOUBLE)", 1
    if column.kind == "date" and not column.type.startswith("TIME "):
        moment = "TRY_CAST(v AS TIMESTAMPTZ)" if column.type == "VARCHAR" else "v"
        if column.type != "TIME":
            return f"epoch({moment})", _DAY_S
    return "", 1


def _steps(low: float, high: float, unit: int) -> tuple[float, int]:
    """The width of a bar and how many there are; whole numbers stand in whole bars."""
    if unit:
        places = int((high - low) // unit) + 1
        width = math.ceil(places / _MOST_BARS)
        return width * unit, math.ceil(places / width)
    return (high - low) / _MOST_BARS or 1, _MOST_BARS if high > low else 1


def _common(column: _Column, distinct: int | None) -> list[list[Any]]:
    if column.kind not in {"text", "boolean"} or (distinct or 0) > _COUNTED_VALUES:
        return []
    found = column.ask(
        "CAST(v AS VARCHAR), count(*)",
        f"WHERE length(CAST(v AS VARCHAR)) <= {_LONGEST_VALUE} GROUP BY 1"
        f" HAVING count(*) > 1 ORDER BY 2 DESC, 1 LIMIT {_MOST_COMMON}",
    )
    return [list(row) for row in found]


def _number(value: float) -> str:
    if abs(value) < _EXACT_TO and (value == int(value) or abs(value) >= _NO_FRACTION):
        return str(round(value))
    return f"{value:.6g}"


def _moment(seconds: float) -> str:
    try:
        moment = dt.datetime.fromtimestamp(seconds, dt.UTC)
    except (OverflowError, ValueError):
        return ""  # a year that Python does not know
    if seconds % _DAY_S == 0:
        return moment.date().isoformat()
    return moment.strftime("%Y-%m-%d %H:%M")
