"""A page of a table in a file, as people of either language wrote it."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

MOST_COLUMNS = 60
_LONGEST_CELL = 2000
_SNIFFED_ROWS = 200
_DELIMITERS = (";", "\t", ",", "|")
# More digits than a double keeps: a code, not a quantity.
_MOST_DIGITS = 15
_GROUPING_SPACE = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))")
_GROUPING_COMMA = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?")
_DATE = re.compile(
    r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?"
)
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8", "UTF-8-SIG"),
    (b"\xff\xfe", "utf-16-le", "UTF-16"),
    (b"\xfe\xff", "utf-16-be", "UTF-16"),
)
_NAMES = {
    "cp1252": "Windows-1252",
    "iso8859-15": "ISO 8859-15",
    "mac-roman": "Mac Roman",
}

Kind = Literal["text", "number", "date", "boolean", "other"]


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    kind: Kind
    type: str = ""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a CSV is written. `codec` reads what `encoding` calls by its usual name."""

    delimiter: str
    encoding: str
    codec: str
    mark_bytes: int
    has_decimal_comma: bool


@dataclass(frozen=True, slots=True)
class Table:
    """Cells are text; None is a missing value.

    `row_count` and `matching` (rows that fulfil the conditions) are None where nobody
    has counted. `following` is where the next page starts, None at the end.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[str | None]]
    row_count: int | None
    column_count: int
    following: int | None = None
    matching: int | None = None
    dialect: Dialect | None = None
    sheets: Sequence[str] = ()
    sheet: str = ""
    can_be_ordered: bool = True
    is_cut: bool = False

    @property
    def has_more(self) -> bool:
        return self.following is not None


class NotLines(Exception):
    """Not one line ends in the part that was read."""


def decoded(content: bytes, *, is_cut: bool) -> tuple[str, str]:
    """Text and the name of its encoding; `is_cut` if the end may be half a letter."""
    codec, name, mark_bytes = encoding_of(content, is_cut=is_cut)
    return content[mark_bytes:].decode(
        codec, errors="ignore" if is_cut else "replace"
    ), name


def encoding_of(
    content: bytes, *, is_cut: bool, wanted: str = ""
) -> tuple[str, str, int]:
    """What reads it, what that is called, and how many bytes its mark takes."""
    for mark, codec, name in _MARKS:
        if content.startswith(mark) and wanted in {"", codec[:6], codec}:
            return codec, name, len(mark)
    if wanted:
        codec = "utf-16-le" if wanted == "utf-16" else wanted
        return codec, _NAMES.get(wanted, wanted.upper()), 0
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        if not (is_cut and error.start >= len(content) - 3):
            # Excel in Western Europe and West Africa.
            return "cp1252", _NAMES["cp1252"], 0
    return "utf-8", "UTF-8", 0


def sniffed(
    content: bytes,
    *,
    is_cut: bool,
    delimiter: str = "",
    encoding: str = "",
    has_decimal_comma: bool | None = None,
) -> Dialect:
    """From the beginning of the file; what is given is believed."""
    codec, name, mark_bytes = encoding_of(content, is_cut=is_cut, wanted=encoding)
    text = content[mark_bytes:].decode(codec, errors="replace")
    sign = delimiter or _delimiter(text)
    comma = has_decimal_comma
    if comma is None:
        rows = list(
            islice(
                _until_error(csv.reader(io.StringIO(text, newline=""), delimiter=sign)),
                _SNIFFED_ROWS,
            )
        )
        comma = sign != "," and _has_decimal_comma(rows[1:])
    return Dialect(sign, name, codec, mark_bytes, comma)


def rows_from(
    content: bytes, dialect: Dialect, *, is_last: bool, most: int
) -> tuple[list[list[str]], int]:
    """Rows that end within `content`, and how many of its bytes they take."""
    text = content.decode(dialect.codec, errors=_errors(dialect.codec))
    if not is_last:
        text = text[: text.rfind("\n") + 1]
    taken = 0

    def lines() -> Iterator[str]:
        nonlocal taken
        for line in io.StringIO(text, newline=""):
            taken += len(line.encode(dialect.codec, errors=_errors(dialect.codec)))
            yield line

    rows: list[list[str]] = []
    ends = [0]
    for row in _until_error(csv.reader(lines(), delimiter=dialect.delimiter)):
        rows.append(row)
        ends.append(taken)
        if len(rows) == most:
            return rows, taken
    if not is_last and rows:
        # A quote may be open: what looks like its end is where reading stopped.
        rows.pop()
        ends.pop()
    return rows, ends[-1]


def csv_table(
    beginning: bytes, page: bytes, dialect: Dialect, *, at: int, size: int, count: int
) -> Table:
    """The page of rows that starts at byte `at`; 0 is the first row below the header.

    Raises NotLines where the beginning holds no whole line.
    """
    head, _ = rows_from(
        beginning[dialect.mark_bytes :],
        dialect,
        is_last=len(beginning) >= size,
        most=_SNIFFED_ROWS,
    )
    if not head:
        raise NotLines
    columns, is_first = columns_from(head, dialect), False
    if at == 0:
        header = _header_bytes(beginning, dialect)
        at, page, is_first = header, beginning[header:], True
    rows, taken = rows_from(page, dialect, is_last=at + len(page) >= size, most=count)
    end = at + taken
    has_more = taken > 0 and end < size
    return Table(
        columns=columns,
        rows=[cells_of(row, columns, dialect) for row in rows if row],
        row_count=len(rows) if is_first and not has_more else None,
        column_count=len(head[0]),
        following=end if has_more else None,
        dialect=dialect,
    )


def columns_from(head: Sequence[Sequence[str]], dialect: Dialect) -> list[Column]:
    header, *sample = head
    return [
        Column(name=clipped(name), kind=_kind(sample, index, dialect))
        for index, name in enumerate(header[:MOST_COLUMNS])
    ]


def cells_of(
    row: Sequence[str | None], columns: Sequence[Column], dialect: Dialect
) -> list[str | None]:
    """As many cells as columns; quantities as `1234.5`, however they are written."""
    filled = [*row, *[None] * len(columns)][: len(columns)]
    return [
        _cell(text, column, dialect)
        for text, column in zip(filled, columns, strict=True)
    ]


def number(text: str, *, has_decimal_comma: bool) -> str | None:
    """The quantity in Python's notation, or None where this is none."""
    bare = _GROUPING_SPACE.sub("", text.strip())
    if has_decimal_comma and "," in bare:
        bare = bare.replace(".", "").replace(",", ".")
    elif _GROUPING_COMMA.fullmatch(bare):
        bare = bare.replace(",", "")
    if not _NUMBER.fullmatch(bare):
        return None
    digits = sum(sign.isdigit() for sign in bare.lstrip("+-0."))
    return bare if digits <= _MOST_DIGITS or "e" in bare.lower() else None


def _cell(text: str | None, column: Column, dialect: Dialect) -> str | None:
    if not text:
        return None
    if column.kind == "number":
        quantity = number(text, has_decimal_comma=dialect.has_decimal_comma)
        return quantity if quantity is not None else clipped(text)
    return clipped(text)


def _header_bytes(beginning: bytes, dialect: Dialect) -> int:
    _, taken = rows_from(beginning[dialect.mark_bytes :], dialect, is_last=True, most=1)
    return dialect.mark_bytes + taken


def _errors(codec: str) -> str:
    """Reads anything; where it can, so that writing gives the same bytes again."""
    return "replace" if codec.startswith("utf-16") else "surrogateescape"


def _until_error(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    """Stops at what is no CSV; empty lines are no rows."""
    while True:
        try:
            row = next(rows)
        except (StopIteration, csv.Error):
            return
        if row:
            yield row


def _delimiter(text: str) -> str:
    """The sign that cuts the first lines most often into equally many parts."""
    lines = text.splitlines()[:20]

    def score(sign: str) -> tuple[float, int]:
        rows = _until_error(csv.reader(lines, delimiter=sign))
        counts = [len(row) for row in rows]
        if max(counts, default=1) == 1:
            return 0, 0
        return counts.count(counts[0]) / len(counts), counts[0]

    best = max(_DELIMITERS, key=score)
    return best if score(best) > (0, 0) else ","


def _has_decimal_comma(rows: Sequence[Sequence[str]]) -> bool:
    cells = [cell for row in rows for cell in row if cell.count(",") == 1]
    return any(number(cell, has_decimal_comma=True) for cell in cells)


def _kind(rows: Sequence[Sequence[str]], index: int, dialect: Dialect) -> Kind:
    cells = [row[index].strip() for row in rows if index < len(row)]
    cells = [cell for cell in cells if cell]
    if not cells:
        return "text"
    # A leading zero is a code, not a quantity.
    codes = any(len(cell) > 1 and cell[0] == "0" and cell.isdigit() for cell in cells)
    comma = dialect.has_decimal_comma
    if not codes and all(number(cell, has_decimal_comma=comma) for cell in cells):
        return "number"
    if all(_DATE.fullmatch(cell) for cell in cells):
        return "date"
    if {cell.lower() for cell in cells} <= {"true", "false"}:
        return "boolean"
    return "text"


def clipped(text: str) -> str:
    """Without what stood for bytes that mean nothing in the encoding."""
    shown = text[: _LONGEST_CELL + 1].encode("utf-8", "replace").decode("utf-8")
    return shown if len(shown) <= _LONGEST_CELL else shown[:_LONGEST_CELL] + "…"
