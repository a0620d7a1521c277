"""Starting and stopping one group of processes."""

import asyncio
import ctypes
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_SET_PARENT_DEATH_SIGNAL = 1
_GONE_PATIENCE_S = 5.0
_libc = ctypes.CDLL(None, use_errno=True)


async def start(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    working_directory: Path,
    log: Path,
    answers: bool = False,
) -> asyncio.subprocess.Process:
    """Raises OSError, for instance when the program is missing.

    With `answers`, its standard output is read by the caller instead of logged. The
    process leads a new session, so that Ctrl-C in a terminal reaches the supervisor
    alone, and it gets SIGTERM when the supervisor dies.
    """
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *command,
            env=dict(environment),
            cwd=working_directory,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE if answers else output,
            stderr=output,
            start_new_session=True,
            preexec_fn=_ending_with(os.getpid()),
        )


async def stop(
    process: asyncio.subprocess.Process, *, how: signal.Signals, patience_s: float
) -> None:
    """Asks, waits, then kills; returns when nothing of the group is left."""
    if process.returncode is None:
        signal_group(process.pid, how)
        try:
            async with asyncio.timeout(max(patience_s, 0.1)):
                await process.wait()
        except TimeoutError:
            signal_group(process.pid, signal.SIGKILL)
            await process.wait()
    await end_group(process.pid)


async def end_group(leader: int) -> None:
    """Kills what a leader that has ended left of its group."""
    waited = 0.0
    while signal_group(leader, signal.SIGKILL) and waited < _GONE_PATIENCE_S:
        await asyncio.sleep(0.02)
        waited += 0.02


def signal_group(leader: int, number: signal.Signals) -> bool:
    """False when the group is empty."""
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        return False
    return True


def _ending_with(parent: int) -> Callable[[], None]:
    def ask_for_signal() -> None:
        _libc.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
        if os.getppid() != parent:
            # It died between fork and prctl, so no signal will come.
            os.kill(os.getpid(), signal.SIGTERM)

    return ask_for_signal
