"""What a supervisor that was killed left behind: processes and mounts.

A process is ours when it carries this data folder's mark in its environment. Only the
supervisor that holds the folder may call this, so nothing that is found is in use.
"""

import logging
import signal
import subprocess
from pathlib import Path

import psutil

MARK = "HEXA_INSTANCE"
_ASKED_PATIENCE_S = 5.0
_KILLED_PATIENCE_S = 3.0
# PostgreSQL takes SIGTERM as "when everyone has left".
_SIGNALS = {"postgres": signal.SIGINT}

log = logging.getLogger(__name__)


def end_leftovers(data: Path) -> int:
    """How many processes had to be ended."""
    found = leftovers(data)
    for process in found:
        _signal(process, _SIGNALS.get(_name(process), signal.SIGTERM))
    _, alive = psutil.wait_procs(found, timeout=_ASKED_PATIENCE_S)
    for process in alive:
        _signal(process, signal.SIGKILL)
    psutil.wait_procs(alive, timeout=_KILLED_PATIENCE_S)
    unmount_leftovers(data)
    if found:
        log.warning("leftovers ended", extra={"count": len(found)})
    return len(found)


def leftovers(data: Path) -> list[psutil.Process]:
    """Marked processes, save this one and those that started it."""
    this = psutil.Process()
    spared = {this.pid, *(parent.pid for parent in this.parents())}
    return [
        process
        for process in psutil.process_iter()
        if process.pid not in spared and _mark(process) == str(data)
    ]


def unmount_leftovers(data: Path) -> None:
    """Removes what is mounted in the folders where only the platform mounts."""
    for point in reversed(_mounts_below(data / "run")):
        subprocess.run(["/usr/bin/umount", "--lazy", point], check=False)


def _mounts_below(folder: Path) -> list[str]:
    table = Path("/proc/self/mounts").read_text(encoding="utf-8")
    points = [line.split()[1] for line in table.splitlines()]
    # The kernel writes blanks as \040.
    named = [point.encode().decode("unicode_escape") for point in points]
    return [point for point in named if Path(point).is_relative_to(folder)]


def _mark(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(MARK)
    except (psutil.Error, OSError):
        return None


def _name(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.Error:
        return ""


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return
