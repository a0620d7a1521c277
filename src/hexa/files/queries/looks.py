"""How somebody wants to see a file: what the address of the page says after its `?`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": "Windows-1252",
    "iso8859-15": "ISO 8859-15",
    "mac-roman": "Mac Roman",
}
DELIMITERS = {",": ",", ";": ";", "tab": "\t", "|": "|"}
DECIMALS = {"comma": True, "point": False}
_MOST_CONDITIONS = 8
_MOST_AT_ONCE = 200

Condition = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Look:
    """`order` is (column, asc or desc); `at` is where the page starts: a row, or of an
    unordered CSV a byte; `version` what the file held then. What is empty or None is
    found out."""

    order: tuple[str, str] | None = None
    where: tuple[Condition, ...] = ()
    at: int = 0
    count: int = 100
    delimiter: str = ""
    encoding: str = ""
    has_decimal_comma: bool | None = None
    sheet: str = ""
    version: str = ""

    @property
    def is_picky(self) -> bool:
        return bool(self.order or self.where)

    def plain(self) -> "Look":
        """The same without order and conditions."""
        return replace(self, order=None, where=(), at=0)


def look_from(query: Mapping[str, str], *, version: str = "") -> Look:
    """What is not understood is left out: an old link still opens the file.

    `version` is told apart: a page must say that what it shows is old.
    """
    direction, _, column = query.get("order", "").partition(":")
    encoding = query.get("encoding", "")
    return Look(
        order=(column, direction) if column and direction in {"asc", "desc"} else None,
        where=_conditions(query.get("where", "")),
        at=_number(query.get("at", ""), 0),
        count=min(_number(query.get("count", ""), 100), _MOST_AT_ONCE),
        delimiter=DELIMITERS.get(query.get("delimiter", ""), ""),
        encoding=encoding if encoding in ENCODINGS else "",
        has_decimal_comma=DECIMALS.get(query.get("decimal", "")),
        sheet=query.get("sheet", "")[:200],
        version=version,
    )


def _conditions(text: str) -> tuple[Condition, ...]:
    try:
        found = json.loads(text[:4000]) if text else []
    except (ValueError, RecursionError):
        return ()
    if not isinstance(found, list):
        return ()
    return tuple(
        (one[0], one[1], one[2])
        for one in found[:_MOST_CONDITIONS]
        if isinstance(one, list)
        and len(one) == 3
        and all(isinstance(part, str) for part in one)
    )


def _number(text: str, otherwise: int) -> int:
    return (
        int(text) if text.isascii() and text.isdigit() and len(text) < 16 else otherwise
    )
