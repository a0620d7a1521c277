"""What a reader is asked: which job it is, and in which words it fails.

After a page in an order it reads those that follow, until it is asked for something else.
"""

import threading
from typing import Any
from urllib.error import URLError

import duckdb

from hexa.backends.readers import maps, profiles, sheets
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


# Pages read before they are asked for: what it takes to leaf through at a glance each.
_AHEAD = 2


class Jobs:
    def __init__(self) -> None:
        self.tables = Tables()
        self._lock = threading.Lock()
        self._is_asked = False
        self._ahead: dict[str, Any] | None = None

    def cancel(self) -> None:
        self.tables.interrupt()

    def make_way(self, job: dict[str, Any]) -> None:
        """Called beside `read_ahead`, before the job is answered."""
        with self._lock:
            self._is_asked = True
            if self._ahead is not None and self._ahead != job:
                self.tables.interrupt()

    def answer(self, job: dict[str, Any]) -> dict[str, Any]:
        """`{"ok": …}`, or `{"failed": code, "why": …}`; never raises."""
        with self._lock:
            self._is_asked = False
        try:
            return {"ok": self._done(job)}
        except (Refusal, Outage) as refusal:
            return {"failed": refusal.code, "why": str(refusal)}
        except Exception as error:  # noqa: BLE001 # a hostile file may raise anything
            return {"failed": _code(error), "why": f"{type(error).__name__}: {error}"}

    def _done(self, job: dict[str, Any]) -> dict[str, Any]:
        if job["do"] == "features":
            return maps.features(self.tables.connection, job["source"])
        if job["do"] == "profile":
            return profiles.profile(self.tables, job)
        return self.tables.page(job)

    def read_ahead(self, job: dict[str, Any]) -> None:
        """The pages that follow this one, which was answered; they are remembered."""
        if job["do"] != "rows" or not (job["order"] or job["where"]):
            return
        for page in range(1, _AHEAD + 1):
            following = {**job, "start": job["start"] + page * job["count"]}
            with self._lock:
                if self._is_asked:
                    return
                self._ahead = following
            try:
                is_last = not self.tables.page(following)["rows"]
            except Exception:  # noqa: BLE001 # it is told to whoever asks for the page
                is_last = True
            with self._lock:
                self._ahead = None
            if is_last:
                return


def _code(error: Exception) -> str:
    found = (word for kind, word in _WORDS if isinstance(error, kind))
    return next(found, Unreadable).code
