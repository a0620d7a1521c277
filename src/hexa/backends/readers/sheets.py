"""Workbooks: .xlsx, .xlsm, .xlsb, .xls and .ods, a sheet at a time."""

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from itertools import islice
from typing import Any

import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from hexa.backends.readers import fetching
from hexa.backends.readers.errors import TooHeavy

WorkbookError = CalamineError

# What a workbook may unpack to: ten times what people send each other.
_MOST_UNPACKED = 400 * 2**20
_MOST_ROWS = 100_000
_MOST_COLUMNS = 500


def table(told: dict[str, Any]) -> tuple[Any, list[str], dict[str, Any]]:
    """The sheet's columns c0, c1, …, their titles, and the names of all sheets."""
    content = fetching.whole(told["url"], most_bytes=told["most_bytes"])
    refuse_bombs(content)
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    names = book.sheet_names
    name = told.get("sheet") or (names[0] if names else "")
    if name not in names:
        name = names[0] if names else ""
    extra = {"sheets": names, "sheet": name, "is_cut": False}
    if not name:
        return pa.table({"c0": pa.array([], pa.string())}), [""], extra
    sheet = book.get_sheet_by_name(name)
    rows = [row[:_MOST_COLUMNS] for row in islice(sheet.iter_rows(), _MOST_ROWS + 1)]
    extra["is_cut"] = sheet.height > len(rows)
    while rows and not any(cell != "" for cell in rows[0]):
        rows.pop(0)
    header, body = (rows[0], rows[1:]) if rows else ([""], [])
    columns = {
        f"c{at}": _column([row[at] if at < len(row) else "" for row in body])
        for at in range(len(header))
    }
    return pa.table(columns), [str(cell) for cell in header], extra


def refuse_bombs(content: bytes) -> None:
    """Adds up what a packed workbook says it unpacks to. Raises TooHeavy."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if sum(entry.file_size for entry in packed.infolist()) > _MOST_UNPACKED:
            raise TooHeavy


def _column(cells: Sequence[Any]) -> Any:
    """Of one type where all agree, of text where they do not."""
    filled = [None if cell == "" else cell for cell in cells]
    kinds = {type(cell) for cell in filled if cell is not None}
    for kinds_of, type_ in (
        ({bool}, pa.bool_()),
        ({int}, pa.int64()),
        ({int, float}, pa.float64()),
        ({dt.date}, pa.date32()),
        ({dt.date, dt.datetime}, pa.timestamp("s")),
    ):
        if kinds and kinds <= kinds_of:
            return _typed(filled, type_)
    return pa.array(
        [None if cell is None else str(cell) for cell in filled], pa.string()
    )


def _typed(cells: Sequence[Any], type_: Any) -> Any:
    if pa.types.is_timestamp(type_):
        cells = [
            dt.datetime.combine(cell, dt.time())
            if cell is not None and not isinstance(cell, dt.datetime)
            else cell
            for cell in cells
        ]
    elif pa.types.is_floating(type_):
        # Excel knows one kind of number; whole ones are shown whole.
        filled = [cell for cell in cells if cell is not None]
        if all(float(cell).is_integer() and abs(cell) < 2**53 for cell in filled):
            return pa.array([None if cell is None else int(cell) for cell in cells])
    return pa.array(cells, type_)
