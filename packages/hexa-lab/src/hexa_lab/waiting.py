"""Waiting, with everything imported, to become the server of a person.

As root without any right but that of becoming another user, in a sandbox where nothing
is mounted yet that is anybody's. The keeper writes whose it is into a pipe.
"""

import ctypes
import json
import os
from pathlib import Path

_IDENTITY = Path("/run/hexa/identity")
_PR_CAPBSET_DROP = 24
_MOST_CAPABILITIES = 64


class NotSafe(RuntimeError):
    """Not all rights could be given up."""


def become_somebody() -> None:
    """Returns as that person, in the home. Raises NotSafe."""
    told = ""
    while not told:  # who opens the pipe may close it again without a word
        told = _IDENTITY.read_text(encoding="utf-8")
    identity = json.loads(told)
    _drop_to(int(identity["uid"]))
    os.environ.clear()
    os.environ.update(identity["environment"])
    os.chdir(os.environ["HOME"])


def _drop_to(uid: int) -> None:
    # The kernel keeps rights for each thread: another would keep its own.
    if len(list(Path("/proc/self/task").iterdir())) != 1:
        raise NotSafe
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    for capability in range(_MOST_CAPABILITIES):
        prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)  # those unknown are refused
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    status = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    held = dict(line.split(":", 1) for line in status)
    rights = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
    has_rights = any(int(held[kind], 16) for kind in rights)
    ids = {*held["Uid"].split(), *held["Gid"].split(), *held["Groups"].split()}
    if has_rights or ids != {str(uid)} or held["NoNewPrivs"].strip() != "1":
        raise NotSafe
