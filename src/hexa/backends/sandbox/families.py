"""Which processes are below which, on the whole machine, read at once."""

import os
from collections.abc import Mapping
from pathlib import Path

import psutil


class Families:
    """As it was in one moment: processes may have ended, and new ones begun."""

    def __init__(self, children: Mapping[int, list[int]]) -> None:
        self._children = children

    @classmethod
    def now(cls) -> "Families":
        """A matter of milliseconds; psutil would do as much for each process asked of."""
        children: dict[int, list[int]] = {}
        for name in os.listdir("/proc"):  # noqa: PTH208 # often, and a Path costs more
            if name.isdecimal() and (parent := _parent(name)) is not None:
                children.setdefault(parent, []).append(int(name))
        return cls(children)

    def below(self, first: psutil.Process) -> list[psutil.Process]:
        """Children and theirs, as far as they still run."""
        found = []
        waiting = list(self._children.get(first.pid, ()))
        while waiting:
            pid = waiting.pop()
            waiting += self._children.get(pid, ())
            try:
                found.append(psutil.Process(pid))
            except psutil.Error:
                continue
        return found


def _parent(pid: str) -> int | None:
    try:
        status = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    # The name, in parentheses, may hold anything.
    return int(status.rpartition(b")")[2].split()[1])
