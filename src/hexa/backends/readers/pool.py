"""Readers at work for this process: few, kept warm, and ended when they misbehave."""

import contextlib
import json
import logging
import os
import select
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from hexa.backends.readers import errors
from hexa.foundation.errors import Outage, Refusal

log = logging.getLogger(__name__)

_MOST_READERS = 2
_QUEUE_PATIENCE_S = 5.0
_CANCEL_PATIENCE_S = 1.0
_LOOK_S = 0.05
_LARGEST_ANSWER = 24 * 2**20
_REFUSALS: dict[str, type[Refusal]] = {
    known.code: known
    for known in (
        errors.Unreadable,
        errors.TooHeavy,
        errors.NoSuchColumn,
        errors.Cancelled,
    )
}


@dataclass(slots=True)
class _Reader:
    process: subprocess.Popen[bytes]
    # What it has read last, and may still hold.
    source: str = ""
    held: bytes = field(default=b"", repr=False)

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None


class Readers:
    """Made once for a process; safe to ask from many threads."""

    def __init__(self) -> None:
        self._free: list[_Reader] = []
        self._places = threading.Semaphore(_MOST_READERS)
        self._lock = threading.Lock()

    def ask(
        self,
        job: dict[str, Any],
        *,
        patience_s: float,
        cancelled: threading.Event | None = None,
    ) -> dict[str, Any]:
        """The answer to a job.

        Raises Unreadable, TooHeavy, NoSuchColumn, Cancelled, ReadersBusy or Outage.
        """
        if not self._places.acquire(timeout=_QUEUE_PATIENCE_S):
            raise errors.ReadersBusy
        try:
            reader = self._take(job["source"]["id"])
            try:
                answer = _answer(
                    reader, job, patience_s, cancelled or threading.Event()
                )
            except BaseException:
                end(reader.process)
                raise
            reader.source = job["source"]["id"]
            with self._lock:
                self._free.append(reader)
        finally:
            self._places.release()
        if cancelled and cancelled.is_set():
            # Also if the word came before the reader had begun, and it answered in full.
            raise errors.Cancelled
        return _understood(answer)

    def close(self) -> None:
        with self._lock:
            for reader in self._free:
                end(reader.process)
            self._free.clear()

    def _take(self, source: str) -> _Reader:
        """The one that knows this source, else any, else a new one."""
        with self._lock:
            for reader in [one for one in self._free if not one.is_alive]:
                self._free.remove(reader)
                _close(reader.process)
            known = [reader for reader in self._free if reader.source == source]
            others = self._free if len(self._free) >= _MOST_READERS else []
            for reader in [*known, *others]:
                self._free.remove(reader)
                return reader
        return _Reader(_started())


def _started() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "hexa.backends.readers"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # Nothing of ours: no settings, no secrets.
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"},
        start_new_session=True,
    )


def end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    _close(process)


def _close(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()


def _answer(
    reader: _Reader, job: dict[str, Any], patience_s: float, cancelled: threading.Event
) -> dict[str, Any]:
    _tell(reader, json.dumps(job))
    deadline, is_told = time.monotonic() + patience_s, False
    while (line := _line(reader)) is None:
        if cancelled.is_set() and not is_told:
            _tell(reader, "cancel")
            deadline, is_told = time.monotonic() + _CANCEL_PATIENCE_S, True
        if time.monotonic() > deadline:
            log.warning("reader ended, too slow", extra={"job": job["do"]})
            raise errors.Cancelled if is_told else errors.TooHeavy
    answer: dict[str, Any] = json.loads(line)
    return answer


def _tell(reader: _Reader, line: str) -> None:
    assert reader.process.stdin
    try:
        reader.process.stdin.write(line.encode() + b"\n")
        reader.process.stdin.flush()
    except BrokenPipeError:
        raise errors.TooHeavy from None


def _line(reader: _Reader) -> bytes | None:
    """The next whole line, or None if there is none yet. Raises TooHeavy at its end."""
    assert reader.process.stdout
    ready, _, _ = select.select([reader.process.stdout], [], [], _LOOK_S)
    if not ready:
        return None
    some = os.read(reader.process.stdout.fileno(), 2**20)
    reader.held += some
    if not some or len(reader.held) > _LARGEST_ANSWER:
        # Killed for its memory, or by what it read.
        log.warning("reader lost", extra={"status": reader.process.poll()})
        raise errors.TooHeavy
    line, found, rest = reader.held.partition(b"\n")
    if not found:
        return None
    reader.held = rest
    return line


def _understood(answer: dict[str, Any]) -> dict[str, Any]:
    if "ok" in answer:
        found: dict[str, Any] = answer["ok"]
        return found
    log.info("file not read", extra={"why": answer["why"][:200]})
    kind: type[Refusal | Outage] = _REFUSALS.get(answer["failed"], Outage)
    raise kind
