"""What a reader is asked: which job it is, and in which words it fails."""

from typing import Any
from urllib.error import URLError

import duckdb

from hexa.backends.readers import maps, sheets
from hexa.backends.readers.errors import (
    Cancelled,
    NoSuchColumn,
    TooHeavy,
    Unreadable,
)
from hexa.backends.readers.tables import Tables
from hexa.foundation.errors import Outage, Refusal

_WORDS: tuple[tuple[type[BaseException], type[Refusal | Outage]], ...] = (
    (duckdb.InterruptException, Cancelled),
    (duckdb.OutOfMemoryException, TooHeavy),
    (MemoryError, TooHeavy),
    (duckdb.HTTPException, Outage),
    (URLError, Outage),
    (duckdb.BinderException, NoSuchColumn),
    (duckdb.ConversionException, NoSuchColumn),
    (duckdb.Error, Unreadable),
    (sheets.WorkbookError, Unreadable),
    (OSError, Outage),
    (ValueError, Unreadable),
)


class Jobs:
    def __init__(self) -> None:
        self._tables = Tables()

    def cancel(self) -> None:
        self._tables.interrupt()

    def answer(self, job: dict[str, Any]) -> dict[str, Any]:
        """`{"ok": …}`, or `{"failed": code, "why": …}`; never raises."""
        try:
            if job["do"] == "features":
                return {"ok": maps.features(self._tables.connection, job["source"])}
            return {"ok": self._tables.page(job)}
        except (Refusal, Outage) as refusal:
            return {"failed": refusal.code, "why": str(refusal)}
        except Exception as error:  # noqa: BLE001 # a hostile file may raise anything
            return {"failed": _code(error), "why": f"{type(error).__name__}: {error}"}


def _code(error: Exception) -> str:
    found = (word for kind, word in _WORDS if isinstance(error, kind))
    return next(found, Unreadable).code
