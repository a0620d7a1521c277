"""The first rows of a table in a file, as people of either language wrote it."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import pyarrow as pa
from pyarrow import parquet

from hexa.files.queries.reading import BoundedObject

MOST_ROWS = 100
MOST_COLUMNS = 60
_LONGEST_CELL = 400
_DELIMITERS = (";", "\t", ",", "|")

Kind = Literal["text", "number", "date", "boolean", "other"]


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    kind: Kind
    type: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Cells are text; None is a missing value. `row_count` is None where unknown."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str | None]]
    row_count: int | None
    column_count: int
    has_more: bool
    delimiter: str = ""
    encoding: str = ""
    has_decimal_comma: bool = False


def decoded(content: bytes, *, is_cut: bool) -> tuple[str, str]:
    """Text and the name of its encoding; `is_cut` if the end may be half a letter."""
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if content.startswith(mark):
            return content.decode(encoding, errors="replace"), encoding.upper()
    try:
        return content.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError as error:
        if is_cut and error.start >= len(content) - 3:
            return content[: error.start].decode("utf-8"), "UTF-8"
    # Excel in Western Europe and West Africa; every byte means something in it.
    return content.decode("cp1252", errors="replace"), "Windows-1252"


def from_csv(content: bytes, *, is_cut: bool) -> Table:
    """`content` is the beginning of the file, or all of it."""
    text, encoding = decoded(content, is_cut=is_cut)
    if is_cut:
        text = text[: text.rfind("\n") + 1] or text
    delimiter = _delimiter(text)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header, *rows = list(islice(_rows(lines), MOST_ROWS + 2)) or [[]]
    has_more = is_cut or len(rows) > MOST_ROWS
    rows = rows[:MOST_ROWS]
    has_comma = delimiter != "," and _has_decimal_comma(rows)
    columns = [
        Column(name=_clipped(name), kind=_kind(rows, index, has_comma=has_comma))
        for index, name in enumerate(header[:MOST_COLUMNS])
    ]
    return Table(
        columns=columns,
        rows=[_cells(row, len(columns)) for row in rows],
        row_count=None if has_more else len(rows),
        column_count=len(header),
        has_more=has_more,
        delimiter=delimiter,
        encoding=encoding,
        has_decimal_comma=has_comma,
    )


def from_parquet(source: BoundedObject) -> Table:
    """Schema from the footer, rows from the first pages only.

    Raises TooMuch, or pyarrow.ArrowException where the file is damaged.
    """
    file = parquet.ParquetFile(source, buffer_size=2**16, pre_buffer=False)
    schema = file.schema_arrow
    shown = [field.name for field in schema][:MOST_COLUMNS]
    batches = file.iter_batches(batch_size=MOST_ROWS, columns=shown)
    batch = next(iter(batches), None)
    columns = [
        Column(name=field.name, kind=_arrow_kind(field.type), type=str(field.type))
        for field in schema
    ][:MOST_COLUMNS]
    values = [] if batch is None else [column.to_pylist() for column in batch.columns]
    count = file.metadata.num_rows
    return Table(
        columns=columns,
        rows=[[_shown(cell) for cell in row] for row in zip(*values, strict=True)],
        row_count=count,
        column_count=len(schema),
        has_more=count > MOST_ROWS,
    )


def _rows(lines: Iterator[list[str]]) -> Iterator[list[str]]:
    """Stops at what is no CSV; what was read until then is shown."""
    while True:
        try:
            row = next(lines)
        except (StopIteration, csv.Error):
            return
        if row:
            yield row


def _delimiter(text: str) -> str:
    """The sign that cuts the first lines most often into equally many parts."""
    lines = text.splitlines()[:20]

    def score(sign: str) -> tuple[float, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=sign) if row]
        if max(counts, default=1) == 1:
            return 0, 0
        return counts.count(counts[0]) / len(counts), counts[0]

    best = max(_DELIMITERS, key=score)
    return best if score(best) > (0, 0) else ","


def _has_decimal_comma(rows: Sequence[Sequence[str]]) -> bool:
    cells = [cell for row in rows for cell in row if cell.count(",") == 1]
    return any(_is_number(cell.replace(",", ".")) for cell in cells)


def _is_number(cell: str) -> bool:
    plain = cell.strip().replace("\u202f", "").replace("\u00a0", "")
    if plain.lower() in {"nan", "inf", "-inf", "infinity"} or "_" in plain:
        return False
    try:
        float(plain)
    except ValueError:
        return False
    return True


def _kind(rows: Sequence[Sequence[str]], index: int, *, has_comma: bool) -> Kind:
    cells = [row[index] for row in rows if index < len(row) and row[index].strip()]
    # A leading zero is a code, not a quantity.
    codes = any(len(cell) > 1 and cell[0] == "0" and cell.isdigit() for cell in cells)
    if has_comma:
        cells = [cell.replace(",", ".") for cell in cells]
    is_number = bool(cells) and not codes and all(map(_is_number, cells))
    return "number" if is_number else "text"


def _cells(row: Sequence[str], width: int) -> list[str | None]:
    filled = [*row, *[""] * width][:width]
    return [_clipped(cell) if cell else None for cell in filled]


def _arrow_kind(type_: pa.DataType) -> Kind:
    kinds: tuple[tuple[object, Kind], ...] = (
        (pa.types.is_boolean(type_), "boolean"),
        (pa.types.is_integer(type_) or pa.types.is_floating(type_), "number"),
        (pa.types.is_decimal(type_), "number"),
        (pa.types.is_temporal(type_), "date"),
        (pa.types.is_string(type_) or pa.types.is_large_string(type_), "text"),
    )
    return next((kind for fits, kind in kinds if fits), "other")


def _shown(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bytes):
        return _clipped(value[:32].hex(" ") + ("…" if len(value) > 32 else ""))
    return _clipped(str(value))


def _clipped(text: str) -> str:
    return text if len(text) <= _LONGEST_CELL else text[:_LONGEST_CELL] + "…"
