"""Memory, processor and process limits of a sandbox, by what this machine allows.

    ControlGroups   as root with cgroup v1, or v2, or where v2 is delegated to us
    ProcessLimits   elsewhere: each process by rlimit, their sum by the keeper's watch

A sandbox above its memory loses its largest process, which is most often the kernel
of the notebook that grew; the server goes on and can say what happened.
"""

import contextlib
import hashlib
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil

_ROOT = Path("/sys/fs/cgroup")
_PERIOD_US = 100_000
# Enough for any notebook, too few for a fork bomb to stop the machine.
_MOST_PROCESSES = 2048


@dataclass(frozen=True, slots=True)
class Limits:
    memory_bytes: int | None = None
    cpus: float | None = None


class Cage(Protocol):
    """What holds one sandbox within its limits."""

    def joined_by(self) -> list[Path]:
        """Files into which a process writes 0 to join."""

    def prefix(self) -> list[str]:
        """Command that sets limits and then runs what follows."""

    def enforce_memory(self, inside: Sequence[psutil.Process]) -> int:
        """Processes killed so far for want of memory, by the kernel or just now by us."""

    def memory_bytes(self, inside: Sequence[psutil.Process]) -> int: ...

    def remove(self) -> None:
        """Raises OSError while a process is still inside."""


class Cages:
    """Makes cages; asks the machine once what kind it allows."""

    def __init__(self, owner: Path) -> None:
        # Two platforms on one machine must not share a group.
        self._mark = "hexa-" + hashlib.sha256(os.fsencode(owner)).hexdigest()[:12]
        self._groups = _version_1(self._mark) or _version_2(self._mark)

    @property
    def kind(self) -> str:
        if self._groups is None:
            return "process limits"
        return "control groups"

    def cage(self, name: str, limits: Limits) -> Cage:
        if self._groups is None:
            return ProcessLimits(limits)
        group = ControlGroups(self._groups, name)
        group.hold(limits)
        return group

    def existing(self, name: str, limits: Limits) -> Cage:
        """That of a sandbox that an earlier keeper started."""
        if self._groups is None:
            return ProcessLimits(limits)
        return ControlGroups(self._groups, name)


class ControlGroups:
    def __init__(self, parents: dict[str, Path], name: str) -> None:
        self._folders = {kind: parent / name for kind, parent in parents.items()}
        self._is_v2 = (self._folders["memory"].parent / "cgroup.controllers").exists()

    def hold(self, limits: Limits) -> None:
        for folder in self._distinct():
            folder.mkdir(exist_ok=True)
        if limits.memory_bytes is not None:
            self._hold_memory(limits.memory_bytes)
        if limits.cpus is not None:
            self._hold_cpus(limits.cpus)
        self._set("pids", "pids.max", _MOST_PROCESSES)

    def joined_by(self) -> list[Path]:
        return [folder / "cgroup.procs" for folder in self._distinct()]

    def prefix(self) -> list[str]:
        return []

    def enforce_memory(self, inside: Sequence[psutil.Process]) -> int:  # noqa: ARG002
        folder = self._folders["memory"]
        name = "memory.events" if self._is_v2 else "memory.oom_control"
        for line in _lines(folder / name):
            word, _, count = line.partition(" ")
            if word == "oom_kill":
                return int(count)
        return 0

    def memory_bytes(self, inside: Sequence[psutil.Process]) -> int:  # noqa: ARG002
        name = "memory.current" if self._is_v2 else "memory.usage_in_bytes"
        return sum(int(line) for line in _lines(self._folders["memory"] / name))

    def remove(self) -> None:
        for folder in self._distinct():
            with contextlib.suppress(FileNotFoundError):
                folder.rmdir()

    def _distinct(self) -> list[Path]:
        return sorted(set(self._folders.values()))

    def _hold_memory(self, size: int) -> None:
        if self._is_v2:
            self._set("memory", "memory.max", size)
            self._set("memory", "memory.swap.max", 0)
        else:
            self._set("memory", "memory.limit_in_bytes", size)
            self._set("memory", "memory.memsw.limit_in_bytes", size)

    def _hold_cpus(self, cpus: float) -> None:
        quota = int(cpus * _PERIOD_US)
        if self._is_v2:
            self._set("cpu", "cpu.max", f"{quota} {_PERIOD_US}")
            self._set("cpu", "cpu.weight", max(1, int(cpus * 100)))
        else:
            self._set("cpu", "cpu.cfs_period_us", _PERIOD_US)
            self._set("cpu", "cpu.cfs_quota_us", quota)
            self._set("cpu", "cpu.shares", max(2, int(cpus * 1024)))

    def _set(self, kind: str, name: str, value: int | str) -> None:
        folder = self._folders.get(kind)
        # Kernels differ in what they are built with: swap, bandwidth, process counts.
        if folder is not None and (folder / name).exists():
            (folder / name).write_text(str(value), encoding="ascii")


class ProcessLimits:
    """Limits without privileges. A process that grows too far gets a MemoryError."""

    def __init__(self, limits: Limits) -> None:
        self._limit = limits.memory_bytes
        self._kills = 0

    def joined_by(self) -> list[Path]:
        return []

    def prefix(self) -> list[str]:
        if self._limit is None:
            return []
        return ["/usr/bin/prlimit", f"--data={self._limit}", "--"]

    def enforce_memory(self, inside: Sequence[psutil.Process]) -> int:
        sizes = _sizes(inside)
        if self._limit is not None and sum(sizes.values()) > self._limit:
            largest = max(sizes, key=lambda process: sizes[process])
            with contextlib.suppress(psutil.NoSuchProcess):
                largest.kill()
                self._kills += 1
        return self._kills

    def memory_bytes(self, inside: Sequence[psutil.Process]) -> int:
        return sum(_sizes(inside).values())

    def remove(self) -> None:
        """Nothing outlives the processes themselves."""


def _sizes(processes: Sequence[psutil.Process]) -> dict[psutil.Process, int]:
    sizes = {}
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            sizes[process] = process.memory_info().rss
    return sizes


def _version_1(mark: str) -> dict[str, Path] | None:
    own = _own_groups()
    parents = {}
    for kind in ("memory", "cpu", "pids"):
        parent = _made(_ROOT / kind, own.get(kind, "/"), mark)
        if parent is not None:
            parents[kind] = parent
    return parents if "memory" in parents else None


def _version_2(mark: str) -> dict[str, Path] | None:
    """The nearest group above us in which we may make one that limits memory.

    A group that holds processes cannot hand out controllers, so ours never does.
    """
    own = _ROOT / _own_groups().get("", "/").lstrip("/")
    for above in [own, *own.parents]:
        if not above.is_relative_to(_ROOT):
            return None
        ours = above / mark
        with contextlib.suppress(OSError):
            ours.mkdir(exist_ok=True)
            return _handing_out(ours)
    return None


def _handing_out(ours: Path) -> dict[str, Path]:
    given = (ours / "cgroup.controllers").read_text(encoding="ascii").split()
    kinds = [kind for kind in ("memory", "cpu", "pids") if kind in given]
    wanted = " ".join(f"+{kind}" for kind in kinds)
    try:
        (ours / "cgroup.subtree_control").write_text(wanted, encoding="ascii")
        _check_joining(ours / "probe")
        if "memory" not in kinds:
            raise PermissionError(ours)
    except OSError:
        ours.rmdir()
        raise
    return dict.fromkeys(kinds, ours)


def _check_joining(group: Path) -> None:
    """A group may be ours to make and yet not ours to move a process into."""
    group.mkdir(exist_ok=True)
    probe = ["/bin/sh", "-c", 'echo 0 >"$0/cgroup.procs"', str(group)]
    ended = subprocess.run(probe, check=False, capture_output=True)
    group.rmdir()
    if ended.returncode != 0:
        raise PermissionError(group)


def _made(root: Path, own: str, mark: str) -> Path | None:
    """A group below our own, or below the root where a container hides our own."""
    for above in (root / own.lstrip("/"), root):
        with contextlib.suppress(OSError):
            (above / mark).mkdir(exist_ok=True)
            return above / mark
    return None


def _own_groups() -> dict[str, str]:
    """Controller to path; the unified hierarchy of v2 has no name."""
    found: dict[str, str] = {}
    for line in _lines(Path("/proc/self/cgroup")):
        _, kinds, path = line.split(":", 2)
        found |= dict.fromkeys(kinds.split(","), path)
    return found


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []  # the group, and all that was in it, is gone
