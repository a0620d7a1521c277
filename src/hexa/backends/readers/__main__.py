"""A reader: a job on each line of its input, an answer on each line of its output.

`cancel` stops the job that is going on. It ends with its input, or when idle for long.
"""

import ctypes
import json
import os
import queue
import resource
import sys
import threading
from pathlib import Path
from typing import Any

# Of everything it holds. Measured: 0.9 GB for the order of 27 million texts.
_MEMORY = 5 * 2**29
_LARGEST_FILE = 2**28
_IDLE_S = 600
_NO_NEW_PRIVILEGES = 38


def limit() -> None:
    """Before anything is read: what a file can make this process do at most."""
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    os.nice(5)
    # Where memory runs out, the kernel takes this process first.
    Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def main() -> int:
    limit()
    from hexa.backends.readers.jobs import Jobs  # noqa: PLC0415 # within the limits

    jobs = Jobs()
    waiting: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(jobs, waiting), daemon=True).start()
    while True:
        try:
            job = waiting.get(timeout=_IDLE_S)
        except queue.Empty:
            return 0
        if job is None:
            return 0
        sys.stdout.write(json.dumps(jobs.answer(job)) + "\n")
        sys.stdout.flush()
        jobs.read_ahead(job)


def _listen(jobs: Any, waiting: "queue.SimpleQueue[dict[str, Any] | None]") -> None:
    for line in sys.stdin:
        if line == "cancel\n":
            jobs.cancel()
        else:
            job = json.loads(line)
            jobs.make_way(job)
            waiting.put(job)
    waiting.put(None)


if __name__ == "__main__":
    sys.exit(main())
