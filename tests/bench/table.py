"""One row per figure: what was measured, the target, and whether it was met."""

import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` and `target` in `unit`; ratios are measured in the same run.

    `why` is what is known to stand in the way: shown, and written, where it did.
    """

    name: str
    value: float
    unit: str
    target: float | None = None
    better: Literal["low", "high"] = "low"
    note: str = ""
    why: str = ""

    @property
    def remark(self) -> str:
        missed = self.why if self.is_met is False else ""
        return "; ".join(filter(None, (self.note, missed)))

    @property
    def is_met(self) -> bool | None:
        if self.target is None:
            return None
        low = self.better == "low"
        return self.value <= self.target if low else self.value >= self.target


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def drawn(figures: Iterable[Figure]) -> str:
    words = {True: "met", False: "MISSED", None: ""}
    rows = [("figure", "value", "target", "", "note")]
    for one in figures:
        sign = "≤" if one.better == "low" else "≥"
        target = "" if one.target is None else f"{sign} {one.target:g} {one.unit}"
        value = f"{one.value:.2f} {one.unit}"
        rows.append((one.name, value, target, words[one.is_met], one.remark))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )


def written(figures: Iterable[Figure], path: Path) -> None:
    rows = [{**asdict(one), "note": one.remark, "met": one.is_met} for one in figures]
    for row in rows:
        del row["why"]
    path.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")
