"""Pages of the rows of a table in a file, in the order and under the conditions asked.

CSV         in its own order: a range of bytes, read here
            ordered or filtered: whole, by a reader, up to 64 MiB
JSON lines  as CSV
Parquet     by a reader, which fetches only what the page needs
workbooks   whole, by a reader, up to 32 MiB
"""

import atexit
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache, lru_cache
from typing import Any

from hexa.backends.readers.pool import Readers
from hexa.backends.storage.store import ObjectFacts
from hexa.files import errors, permissions
from hexa.files.models import Drive
from hexa.files.queries import lines, passing, tables
from hexa.files.queries.looks import Look
from hexa.files.queries.store import store_of
from hexa.files.queries.tables import Column, Table
from hexa.foundation.actors import Actor

CSV_ENDINGS = ("csv", "tsv")
LINES_ENDINGS = ("jsonl", "ndjson")
PARQUET_ENDINGS = ("parquet", "pq")
WORKBOOK_ENDINGS = ("xlsx", "xlsm", "xlsb", "xls", "ods")
_BEGINNING = 256 * 2**10
_TEXT_ORDERED = 64 * 2**20
_WORKBOOK = 32 * 2**20
# Kinds of files that know no types: those of their columns are guessed.
_TYPELESS = ("csv", "lines")
_PATIENCE_S = 20.0
# A link stays the same for so long, and with it what a reader holds of the file.
_LINK_WINDOW_S = 1800
_LINK_LIFE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Errand:
    """What a reader will be asked, once nothing of ours is held."""

    job: dict[str, Any] = field(repr=False)
    look: Look
    dialect: tables.Dialect | None = None


@cache
def readers() -> Readers:
    made = Readers()
    atexit.register(made.close)
    return made


def page(drive: Drive, facts: ObjectFacts, look: Look, *, by: Actor) -> Table:
    """Raises NotATable, TooLargeToOrder, and the refusals of readers."""
    asked = begun(drive, facts, look, by=by)
    return asked if isinstance(asked, Table) else finished(asked)


def begun(drive: Drive, facts: ObjectFacts, look: Look, *, by: Actor) -> Table | Errand:
    """The page itself where it is read at once, or what to ask a reader."""
    permissions.VIEW_FILES.require(by, drive.workspace)
    begin = _BEGINNERS.get(ending_of(facts.name))
    if begin is None:
        raise errors.NotATable
    return begin(drive, facts, look)


def finished(errand: Errand, cancelled: threading.Event | None = None) -> Table:
    return _table(answered(errand, cancelled), errand)


def answered(
    errand: Errand, cancelled: threading.Event | None = None
) -> dict[str, Any]:
    """What the reader says, as it says it."""
    return readers().ask(errand.job, patience_s=_PATIENCE_S, cancelled=cancelled)


def ending_of(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def source_of(drive: Drive, facts: ObjectFacts, version: str) -> dict[str, Any]:
    """How a reader finds the file, and knows it again."""
    window = int(time.time() // _LINK_WINDOW_S)
    return {
        "id": f"{drive.pk}:{facts.key}@{facts.etag}",
        "url": _link(drive, facts, version, window),
    }


@lru_cache(maxsize=500)
def _link(drive: Drive, facts: ObjectFacts, version: str, window: int) -> str:  # noqa: ARG001 # it makes it another link
    if not drive.is_own:
        return passing.link_inside(drive, facts, version=version)
    return store_of(drive).link_to_get(
        drive.bucket,
        facts.key,
        lifetime=_LINK_LIFE,
        version=facts.version,
        is_inside=True,
    )


def _read(drive: Drive, facts: ObjectFacts, look: Look, *, start: int) -> bytes:
    return store_of(drive).read(
        drive.bucket,
        facts.key,
        start=start,
        length=min(_BEGINNING, facts.size_bytes - start),
        version=look.version,
    )


def _csv(drive: Drive, facts: ObjectFacts, look: Look) -> Table | Errand:
    size = facts.size_bytes
    beginning = _read(drive, facts, look, start=0)
    dialect = tables.sniffed(
        beginning,
        is_cut=len(beginning) < size,
        delimiter=look.delimiter,
        encoding=look.encoding,
        has_decimal_comma=look.has_decimal_comma,
    )
    if look.is_picky:
        return _ordered_csv(drive, facts, look, beginning, dialect)
    some = _read(drive, facts, look, start=look.at) if look.at else b""
    try:
        table = tables.csv_table(
            beginning, some, dialect, at=look.at, size=size, count=look.count
        )
    except tables.NotLines:
        raise errors.NotATable from None
    return replace(table, can_be_ordered=size <= _TEXT_ORDERED)


def _lines(drive: Drive, facts: ObjectFacts, look: Look) -> Table | Errand:
    size = facts.size_bytes
    beginning = _read(drive, facts, look, start=0)
    try:
        if look.is_picky:
            return _ordered_lines(drive, facts, look, beginning)
        some = _read(drive, facts, look, start=look.at) if look.at else b""
        table = lines.json_table(
            beginning, some, at=look.at, size=size, count=look.count
        )
    except tables.NotLines:
        raise errors.NotATable from None
    return replace(table, can_be_ordered=size <= _TEXT_ORDERED)


def _ordered_lines(
    drive: Drive, facts: ObjectFacts, look: Look, beginning: bytes
) -> Errand:
    if facts.size_bytes > _TEXT_ORDERED:
        raise errors.TooLargeToOrder
    is_whole = len(beginning) >= facts.size_bytes
    names, columns = lines.columns_of(beginning, is_last=is_whole)
    told = {
        "kind": "lines",
        "names": names,
        "alone": lines.ALONE,
        "titles": [column.name for column in columns],
        "kinds": [column.kind for column in columns],
        "most_bytes": _TEXT_ORDERED,
    }
    return _errand(drive, facts, look, told)


def _ordered_csv(
    drive: Drive,
    facts: ObjectFacts,
    look: Look,
    beginning: bytes,
    dialect: tables.Dialect,
) -> Errand:
    if facts.size_bytes > _TEXT_ORDERED:
        raise errors.TooLargeToOrder
    is_whole = len(beginning) >= facts.size_bytes
    head, _ = tables.rows_from(
        beginning[dialect.mark_bytes :], dialect, is_last=is_whole, most=200
    )
    if not head:
        raise errors.NotATable
    columns = tables.columns_from(head, dialect)
    return _errand(
        drive,
        facts,
        look,
        {
            "kind": "csv",
            "titles": [column.name for column in columns],
            "kinds": [column.kind for column in columns],
            "delimiter": dialect.delimiter,
            "encoding": "utf-16"
            if dialect.codec.startswith("utf-16")
            else "utf-8-sig"
            if dialect.codec == "utf-8"
            else dialect.codec,
            "has_decimal_comma": dialect.has_decimal_comma,
            "most_bytes": _TEXT_ORDERED,
        },
        dialect,
    )


def _parquet(drive: Drive, facts: ObjectFacts, look: Look) -> Errand:
    return _errand(drive, facts, look, {"kind": "parquet"})


def _workbook(drive: Drive, facts: ObjectFacts, look: Look) -> Errand:
    if facts.size_bytes > _WORKBOOK:
        raise errors.TooLargeToShow
    told = {"kind": "workbook", "sheet": look.sheet, "most_bytes": _WORKBOOK}
    return _errand(drive, facts, look, told)


def _errand(
    drive: Drive,
    facts: ObjectFacts,
    look: Look,
    told: dict[str, Any],
    dialect: tables.Dialect | None = None,
) -> Errand:
    job = {
        "do": "rows",
        "source": {**source_of(drive, facts, look.version), **told},
        "order": look.order,
        "where": look.where,
        "start": look.at,
        "count": look.count,
        "columns": tables.MOST_COLUMNS,
    }
    return Errand(job, look, dialect)


def _table(answer: dict[str, Any], errand: Errand) -> Table:
    look, dialect = errand.look, errand.dialect
    columns = [Column(*told) for told in answer["columns"]]
    rows = answer["rows"]
    if dialect:
        rows = [tables.cells_of(row, columns, dialect) for row in rows]
    if errand.job["source"]["kind"] in _TYPELESS:
        columns = [replace(column, type="") for column in columns]
    end = look.at + len(rows)
    return Table(
        columns=columns,
        rows=rows,
        row_count=answer["total"],
        column_count=answer["column_count"],
        matching=answer["matching"],
        following=end if rows and end < answer["matching"] else None,
        dialect=dialect,
        sheets=answer.get("sheets", ()),
        sheet=answer.get("sheet", ""),
        is_cut=answer.get("is_cut", False),
    )


_BEGINNERS: dict[str, Callable[[Drive, ObjectFacts, Look], Table | Errand]] = {
    **dict.fromkeys(CSV_ENDINGS, _csv),
    **dict.fromkeys(LINES_ENDINGS, _lines),
    **dict.fromkeys(PARQUET_ENDINGS, _parquet),
    **dict.fromkeys(WORKBOOK_ENDINGS, _workbook),
}
