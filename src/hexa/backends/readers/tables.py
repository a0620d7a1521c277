"""Pages of rows, ordered and filtered, by DuckDB.

A Parquet file stays where it is: the order is found from the columns that decide it,
then only the row groups that hold the page are read. Other tables are loaded once,
within bounds, and kept for the next page.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from hexa.backends.readers import delimited, lines, sheets
from hexa.backends.readers.errors import NoSuchColumn
from hexa.backends.readers.extensions import extension

_MEMORY = "768MB"
_THREADS = 2
_KEPT = 3
_LONGEST_CELL = 2000
# Row numbers are found for so many rows at once, and serve the pages among them: of 27
# million, the first 10 000 take 0.4 s of a processor, the first 1 000 take 0.3 s.
_WINDOW = 10_000
# Pages to come back to, unless they are large.
_PAGES = 100
_LARGE_PAGE = 100_000
_OPERATORS = {
    "=": "=",
    "≠": "IS DISTINCT FROM",
    "<": "<",
    "≤": "<=",
    ">": ">",
    "≥": ">=",
}
_NUMBERS = {
    *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT"),
    *("UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE"),
}
# As Python people say; SQL's other names are kept.
_NAMES = {
    "TINYINT": "int8", "SMALLINT": "int16", "INTEGER": "int32", "BIGINT": "int64",
    "UTINYINT": "uint8", "USMALLINT": "uint16", "UINTEGER": "uint32",
    "UBIGINT": "uint64", "FLOAT": "float", "DOUBLE": "double", "VARCHAR": "string",
    "BOOLEAN": "bool", "BLOB": "binary", "TIMESTAMP WITH TIME ZONE": "timestamp, UTC",
}  # fmt: skip


@dataclass(slots=True)
class Source:
    """Where rows come from: a FROM clause, and what numbers its rows."""

    sql: str
    row: str
    names: Sequence[str]
    types: Sequence[str]
    titles: Sequence[str]
    kinds: Sequence[str]
    total: int
    extra: dict[str, Any]
    has_decimal_comma: bool = False

    def expression(self, name: str) -> tuple[str, str]:
        """What is compared, and its type. Raises NoSuchColumn."""
        if name not in self.titles:
            raise NoSuchColumn
        place = self.titles.index(name)
        column, type_, kind = (
            quoted(self.names[place]),
            self.types[place],
            self.kinds[place],
        )
        if type_ == "VARCHAR" and kind == "number":
            plain = _plain(column, has_decimal_comma=self.has_decimal_comma)
            return f"TRY_CAST({plain} AS DOUBLE)", "DOUBLE"
        return column, type_


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class Tables:
    def __init__(self) -> None:
        self.connection = duckdb.connect(
            config={
                "memory_limit": _MEMORY,
                "threads": _THREADS,
                "temp_directory": "",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            }
        )
        self.connection.load_extension(extension("httpfs"))
        self.connection.execute("SET parquet_metadata_cache = true")
        self.connection.execute("SET enable_http_metadata_cache = true")
        self.connection.execute("SET http_timeout = 10")
        self.connection.execute("SET http_retries = 1")
        self.connection.execute("SET TimeZone = 'UTC'")
        self._sources: OrderedDict[str, Source] = OrderedDict()
        self._orders: OrderedDict[str, list[int]] = OrderedDict()
        self._counts: OrderedDict[str, int] = OrderedDict()
        self._pages: OrderedDict[str, list[list[str | None]]] = OrderedDict()
        self._loads = 0

    def interrupt(self) -> None:
        self.connection.interrupt()

    def page(self, job: dict[str, Any]) -> dict[str, Any]:
        source = self.source(job["source"])
        shown = range(min(job["columns"], len(source.names)))
        start, count = int(job["start"]), int(job["count"])
        if job["order"] or job["where"]:
            rows = self._remembered(source, job, shown, start, count)
        else:
            rows = self._straight(source, shown, start, count)
        return {
            "columns": [
                [source.titles[at], source.kinds[at], shown_type(source.types[at])]
                for at in shown
            ],
            "rows": rows,
            "total": source.total,
            "matching": self._matching(source, job) if job["where"] else source.total,
            "column_count": len(source.names),
            **source.extra,
        }

    # --- Rows

    def _straight(
        self, source: Source, shown: Sequence[int], start: int, count: int
    ) -> list[list[str | None]]:
        found = self.connection.execute(
            f"SELECT {_cells(source, shown)} FROM {source.sql}"
            f" WHERE {source.row} >= ? AND {source.row} < ?",
            [start, start + count],
        ).fetchall()
        return [_shown(row) for row in found]

    def _remembered(
        self,
        source: Source,
        job: dict[str, Any],
        shown: Sequence[int],
        start: int,
        count: int,
    ) -> list[list[str | None]]:
        """A page that was looked at is there at once when somebody comes back to it."""
        key = repr((source.sql, job["order"], job["where"], start, count))
        if key not in self._pages:
            rows = self._picked(source, job, shown, start, count)
            if sum(len(cell or "") for row in rows for cell in row) > _LARGE_PAGE:
                return rows
            _keep(self._pages, key, rows, most=_PAGES)
        return self._pages[key]

    def _picked(
        self,
        source: Source,
        job: dict[str, Any],
        shown: Sequence[int],
        start: int,
        count: int,
    ) -> list[list[str | None]]:
        numbers: list[int] = []
        while len(numbers) < count:
            at = start + len(numbers)
            window = self._window(source, job, at // _WINDOW)
            some = window[at % _WINDOW :][: count - len(numbers)]
            numbers += some
            if not some or (at + len(some)) % _WINDOW:
                break
        if not numbers:
            return []
        found = self.connection.execute(
            f"SELECT {source.row}, {_cells(source, shown)} FROM {source.sql}"
            f" WHERE {source.row} IN ({','.join(map(str, numbers))})"
        ).fetchall()
        by_number = {row[0]: _shown(row[1:]) for row in found}
        return [by_number[number] for number in numbers]

    def _window(self, source: Source, job: dict[str, Any], index: int) -> list[int]:
        """Numbers of the rows that stand there in this order."""
        key = repr((source.sql, job["order"], job["where"], index))
        if key not in self._orders:
            where, values = condition(source, job["where"])
            found = self.connection.execute(
                f"SELECT {source.row} FROM {source.sql} {where} {_order(source, job['order'])}"
                f" LIMIT {_WINDOW} OFFSET {index * _WINDOW}",
                values,
            ).fetchall()
            _keep(self._orders, key, [row[0] for row in found], most=50)
        return self._orders[key]

    def _matching(self, source: Source, job: dict[str, Any]) -> int:
        key = repr((source.sql, job["where"]))
        if key not in self._counts:
            where, values = condition(source, job["where"])
            counted = self.connection.execute(
                f"SELECT count(*) FROM {source.sql} {where}", values
            ).fetchone()
            assert counted
            _keep(self._counts, key, int(counted[0]), most=200)
        return self._counts[key]

    # --- Sources

    def source(self, told: dict[str, Any]) -> Source:
        key = repr(sorted(told.items()))
        if key not in self._sources:
            make = {
                "parquet": self._parquet,
                "csv": self._delimited,
                "lines": self._lines,
                "workbook": self._workbook,
            }
            made = make[told["kind"]](told)
            if len(self._sources) >= _KEPT:
                _, dropped = self._sources.popitem(last=False)
                self._drop(dropped)
            self._sources[key] = made
        self._sources.move_to_end(key)
        return self._sources[key]

    def _drop(self, source: Source) -> None:
        if source.sql.startswith("loaded_"):
            self.connection.execute(f"DROP TABLE {source.sql}")

    def _parquet(self, told: dict[str, Any]) -> Source:
        link = told["url"].replace("'", "''")
        sql = f"read_parquet('{link}', file_row_number = true)"
        described = self.connection.execute(f"DESCRIBE SELECT * FROM {sql}").fetchall()
        names = [row[0] for row in described if row[0] != "file_row_number"]
        types = [row[1] for row in described if row[0] != "file_row_number"]
        counted = self.connection.execute(
            f"SELECT sum(num_rows) FROM parquet_file_metadata('{link}')"
        ).fetchone()
        return Source(
            sql=sql,
            row="file_row_number",
            names=names,
            types=types,
            titles=names,
            kinds=[kind_of(type_) for type_ in types],
            total=int(counted[0] or 0) if counted else 0,
            extra={},
        )

    def _delimited(self, told: dict[str, Any]) -> Source:
        table = delimited.table(told)
        source = self._loaded(table, told["titles"], told["kinds"], {})
        source.has_decimal_comma = told["has_decimal_comma"]
        return source

    def _lines(self, told: dict[str, Any]) -> Source:
        return self._loaded(lines.table(told), told["titles"], told["kinds"], {})

    def _workbook(self, told: dict[str, Any]) -> Source:
        table, titles, extra = sheets.table(told)
        return self._loaded(table, titles, None, extra)

    def _loaded(
        self,
        table: Any,
        titles: Sequence[str],
        kinds: Sequence[str] | None,
        extra: dict[str, Any],
    ) -> Source:
        """Columns of `table` are named c0, c1, …; `titles` may repeat."""
        self._loads += 1
        name = f"loaded_{self._loads}"
        self.connection.register("incoming", table)
        self.connection.execute(f"CREATE TEMP TABLE {name} AS FROM incoming")
        self.connection.unregister("incoming")
        described = self.connection.execute(f"DESCRIBE {name}").fetchall()
        types = [row[1] for row in described]
        return Source(
            sql=name,
            row="rowid",
            names=[row[0] for row in described],
            types=types,
            titles=list(titles),
            kinds=list(kinds) if kinds else [kind_of(type_) for type_ in types],
            total=table.num_rows,
            extra=extra,
        )


def kind_of(type_: str) -> str:
    if type_ in _NUMBERS or type_.startswith("DECIMAL"):
        return "number"
    if type_.startswith(("DATE", "TIME")):
        return "date"
    return {"BOOLEAN": "boolean", "VARCHAR": "text"}.get(type_, "other")


def shown_type(type_: str) -> str:
    return _NAMES.get(
        type_, type_.lower() if len(type_) < 40 else f"{type_[:39].lower()}…"
    )


def _shown(row: Sequence[str | None]) -> list[str | None]:
    return [
        f"{cell[:_LONGEST_CELL]}…" if cell and len(cell) > _LONGEST_CELL else cell
        for cell in row
    ]


def _cells(source: Source, shown: Sequence[int]) -> str:
    cells = [
        f"left(CAST({quoted(source.names[at])} AS VARCHAR), {_LONGEST_CELL + 1})"
        for at in shown
    ]
    return ", ".join(cells) or "NULL"


def _order(source: Source, order: Sequence[str] | None) -> str:
    """By the first column named, then as in the file."""
    if not order:
        return ""
    column, _ = source.expression(order[0])
    direction = "DESC" if order[1] == "desc" else "ASC"
    return f"ORDER BY {column} {direction} NULLS LAST, {source.row}"


def condition(
    source: Source, conditions: Sequence[Sequence[str]]
) -> tuple[str, list[str]]:
    parts: list[str] = []
    values: list[str] = []
    for name, operator, value in conditions:
        column, type_ = source.expression(name)
        if operator in {"missing", "present"}:
            parts.append(f"{column} IS {'NOT ' if operator == 'present' else ''}NULL")
        elif operator == "contains":
            parts.append(f"contains(lower(CAST({column} AS VARCHAR)), lower(?))")
            values.append(value)
        elif operator in _OPERATORS:
            parts.append(f"{column} {_OPERATORS[operator]} CAST(? AS {type_})")
            values.append(value)
        else:
            raise NoSuchColumn
    return ("WHERE " + " AND ".join(parts) if parts else ""), values


def _plain(column: str, *, has_decimal_comma: bool) -> str:
    """A number as people write it, as SQL reads it."""
    bare = f"replace(replace(replace({column}, ' ', ''), chr(160), ''), chr(8239), '')"
    if not has_decimal_comma:
        return f"replace({bare}, ',', '')"
    pointed = f"replace(replace({bare}, '.', ''), ',', '.')"
    return f"CASE WHEN contains({bare}, ',') THEN {pointed} ELSE {bare} END"


def _keep(kept: "OrderedDict[str, Any]", key: str, value: object, *, most: int) -> None:
    kept[key] = value
    while len(kept) > most:
        kept.popitem(last=False)
