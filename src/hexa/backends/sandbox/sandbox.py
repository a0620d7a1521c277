"""One sandbox: its folder on disk, its start, its end.

<state>/<id>/record.json   who it is, since when; read again by the next keeper
             args filter   for bubblewrap
             accounts/ secrets/    mounted inside
             slot/    where one that waits gets its home
             info exit output.log  written by the shim
"""

import contextlib
import hashlib
import json
import logging
import os
import shutil
import signal
import subprocess
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import psutil

from hexa.backends.sandbox import slots, walls
from hexa.backends.sandbox.cages import Cage, Cages, Limits
from hexa.backends.sandbox.errors import StartFailed
from hexa.backends.sandbox.families import Families
from hexa.backends.sandbox.requests import Kill, Start, Stats, Told
from hexa.backends.sandbox.syscalls import sandbox_filter

log = logging.getLogger(__name__)

_SHIM = Path(__file__).parent / "shim.sh"
_LONGEST_OUTPUT = 5 * 2**20
# What bubblewrap itself runs with; the person's environment is set inside.
_BARE = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
# Early, and so before it is known whose it will be. Programs remember at import where
# the home is, so that is told although nothing stands there yet.
_WAITING = {**_BARE, "HOME": str(walls.HOME), "PYTHONNOUSERSITE": "1"}
_NOBODYS = 0
# Read by the command that waits, to its end: whose it is now, and with what environment.
_IDENTITY = "identity"


@dataclass(slots=True)
class Record:
    """What must be known to find the sandbox again, or to tell how it ended."""

    id: str
    pid: int
    # With the pid, names one process for ever: pids are used again, moments are not.
    pid_started: int
    started_at: str
    limits: Limits
    exit_code: int | None = None
    ended: bool = False
    last_kill: Kill | None = None
    kills_seen: int = 0
    # What it can become, while it is nobody's.
    waits_for: str | None = None
    # That of a sandbox that waited was named before it was anybody's.
    cage: str = ""

    @classmethod
    def read(cls, path: Path) -> Self:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return cls(**{**stored, "limits": Limits(**stored["limits"])})


class Sandbox:
    def __init__(self, folder: Path, record: Record, cage: Cage) -> None:
        self.folder = folder
        self.record = record
        self._cage = cage

    @classmethod
    def start(cls, folder: Path, asked: Start, cages: Cages) -> Self:
        """Returns when its shim runs. Raises StartFailed."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)
        return cls._begun(folder, asked, cages)

    @classmethod
    def _begun(cls, folder: Path, asked: Start, cages: Cages) -> Self:
        try:
            _make_home(asked)
            _write_inside(folder, asked)
            cage = cages.cage(asked.id, asked.limits)
            shim = _launch(folder, asked, cage)
        except OSError as error:
            slots.remove(folder / "slot")
            shutil.rmtree(folder, ignore_errors=True)
            raise StartFailed(reason=str(error)) from error
        record = Record(
            id=asked.id,
            pid=shim.pid,
            pid_started=_started(shim.pid),
            started_at=_moment(),
            limits=asked.limits,
            waits_for=_kind(asked) if asked.uid == _NOBODYS else None,
            cage=asked.id,
        )
        sandbox = cls(folder, record, cage)
        sandbox.save()
        return sandbox

    @classmethod
    def early(cls, folder: Path, like: Start, cages: Cages) -> Self:
        """One that waits for somebody who asks the same. Raises StartFailed."""
        assert like.waiting is not None
        folder.mkdir(mode=0o700, parents=True)
        try:
            inside = slots.make(folder / "slot")
        except OSError as error:
            raise StartFailed(reason=str(error)) from error
        asked = replace(
            like,
            id=folder.name,
            command=like.waiting,
            env=_WAITING,
            # Read-only: the command is root's, and so are these.
            mounts=(
                *(replace(m, writable=False) for m in _for_everybody(like)),
                *inside,
            ),
            uid=_NOBODYS,
            files={},
        )
        return cls._begun(folder, asked, cages)

    def can_become(self, asked: Start) -> bool:
        return self.record.waits_for == _kind(asked)

    def become(self, asked: Start) -> bool:
        """Make it that of a person; False when it is not ready, and stays as it was.

        Raises OSError: it is nobody's then, and to be killed.
        """
        pipe = self.folder / "secrets" / _IDENTITY
        try:
            # Refused by the kernel until the command inside has opened the other end.
            handle = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return False
        with os.fdopen(handle, "w", encoding="utf-8") as identity:
            _make_home(asked)
            _check_home(asked)
            brought = [m for m in asked.mounts if m.target in slots.BROUGHT]
            slots.fill(self.folder / "slot", brought)
            _write_accounts(self.folder, asked)
            _write_files(self.folder, asked)
            json.dump({"uid": asked.uid, "environment": dict(asked.env)}, identity)
        # Last: one whose keeper died before is nobody's to the next, which ends it.
        pipe.unlink()
        self.record.id, self.record.waits_for = asked.id, None
        self.record.started_at = _moment()
        self.save()
        return True

    @classmethod
    def found(cls, folder: Path, cages: Cages) -> Self:
        """One that an earlier keeper left, running or not. Raises OSError, ValueError."""
        record = Record.read(folder / "record.json")
        return cls(
            folder, record, cages.existing(record.cage or record.id, record.limits)
        )

    @property
    def is_running(self) -> bool:
        return not self.record.ended and self._shim() is not None

    def tell(self) -> Told:
        return {
            "id": self.record.id,
            "state": "running" if self.is_running else "exited",
            "exit_code": self.record.exit_code,
            "started_at": self.record.started_at,
            "last_kill": self.record.last_kill,
        }

    def stats(self) -> Stats:
        processes = self._inside(Families.now())
        seconds = 0.0
        for process in processes:
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                seconds += times.user + times.system
        return {
            "memory_bytes": self._cage.memory_bytes(processes),
            "memory_limit_bytes": self.record.limits.memory_bytes,
            "cpu_seconds": round(seconds, 2),
            "processes": len(processes),
        }

    def ask_to_end(self) -> None:
        """SIGTERM to the server or the run; what it started is its own to end."""
        first = self._first()
        for process in first.children() if first else []:
            with contextlib.suppress(psutil.Error):
                process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends every process inside: the kernel kills a pid namespace as a whole."""
        first, shim = self._first(), self._shim()
        if first is None and shim is not None:
            # bubblewrap is at work: not bound to the shim yet, it would outlive it. Held
            # still, it either has begun the namespace or never will.
            _signal_group(shim, signal.SIGSTOP)
            first = self._first()
            # The shim goes on where it can: it records the end.
            _signal_group(shim, signal.SIGCONT if first else signal.SIGKILL)
        if first is not None:
            with contextlib.suppress(psutil.Error):
                first.kill()

    def watch(self, families: Families) -> None:
        """To be called now and then while it runs."""
        kills = self._cage.enforce_memory(self._inside(families))
        if kills > self.record.kills_seen:
            self.record.kills_seen = kills
            self.record.last_kill = {
                "reason": "memory",
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
                "limit_bytes": self.record.limits.memory_bytes,
            }
            self.save()
            log.warning("out of memory in a sandbox", extra={"sandbox": self.record.id})
        self._shorten_output()

    def conclude(self) -> None:
        """Records how it ended and removes what was secret. To be called once over."""
        if self.record.ended:
            return
        self.watch(Families.now())
        with contextlib.suppress(OSError, ValueError):
            text = (self.folder / "exit").read_text(encoding="ascii")
            self.record.exit_code = int(text)
        self.record.ended = True
        slots.remove(self.folder / "slot")
        for name in ("secrets", "accounts"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        (self.folder / "args").unlink(missing_ok=True)
        self.save()

    def remove(self) -> None:
        """What was kept to tell of it. To be called once over."""
        slots.remove(self.folder / "slot")
        shutil.rmtree(self.folder, ignore_errors=True)

    def is_tidy(self) -> bool:
        """Removes its cage; to be asked again while the kernel still buries the dead."""
        try:
            self._cage.remove()
        except OSError:
            return False
        return True

    def save(self) -> None:
        new = self.folder / "record.json.new"
        new.write_text(json.dumps(asdict(self.record)), encoding="utf-8")
        new.replace(self.folder / "record.json")

    def _shim(self) -> psutil.Process | None:
        return _process(self.record.pid, started=self.record.pid_started)

    def _first(self) -> psutil.Process | None:
        """The first process of the pid namespace, as numbered outside."""
        shim = self._shim()
        try:
            info = json.loads((self.folder / "info").read_text(encoding="ascii"))
            first = psutil.Process(int(info["child-pid"]))
            below = shim is not None and shim in first.parents()
        except (OSError, ValueError, psutil.Error):
            return None  # not made yet, or gone
        return first if below else None

    def _inside(self, families: Families) -> list[psutil.Process]:
        first = self._first()
        return families.below(first) if first else []

    def _shorten_output(self) -> None:
        path = self.folder / "output.log"
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_size > _LONGEST_OUTPUT:
                os.truncate(path, 0)


def kill_all(state: Path) -> None:
    """All that have a record in this folder, without a keeper."""
    cages = Cages(state)
    for folder in state.iterdir() if state.exists() else ():
        # Without a record nothing ran yet.
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            Sandbox.found(folder, cages).kill()


def _signal_group(shim: psutil.Process, number: signal.Signals) -> None:
    """To the shim and to what builds walls below it, in one moment."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(shim.pid, number)


def _process(pid: int, *, started: int) -> psutil.Process | None:
    try:
        if _started(pid) != started:
            return None
        process = psutil.Process(pid)
        over = process.status() == psutil.STATUS_ZOMBIE
    except (OSError, psutil.Error):
        return None
    return None if over else process


def _started(pid: int) -> int:
    """Clock ticks from boot to the start of the process, which no clock change moves."""
    status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    # The name, in parentheses, may hold anything; 22 is counted from before it.
    return int(status.rpartition(")")[2].split()[19])


def _make_home(asked: Start) -> None:
    for mount in asked.mounts:
        if mount.target == walls.HOME and not mount.source.exists():
            mount.source.mkdir(mode=0o700)
            if os.geteuid() == 0:
                os.chown(mount.source, asked.uid, asked.uid)


def _check_home(asked: Start) -> None:
    """Who waits is root, and must not be brought what is root's or somebody else's."""
    homes = [m.source for m in asked.mounts if m.target == walls.HOME]
    if any(home.stat().st_uid != asked.uid for home in homes):
        raise PermissionError("the home is another's")


def _write_inside(folder: Path, asked: Start) -> None:
    _write_accounts(folder, asked)
    secrets = folder / "secrets"
    secrets.mkdir(mode=0o755)
    _write_files(folder, asked)
    if asked.uid == _NOBODYS:
        os.mkfifo(secrets / _IDENTITY, mode=0o600)
    arguments, _ = _enclosed(folder, asked)
    _write(folder / "args", "".join(f"{word}\0" for word in arguments), mode=0o600)
    (folder / "filter").write_bytes(sandbox_filter())


def _write_accounts(folder: Path, asked: Start) -> None:
    for name, text in walls.account_files(asked.uid).items():
        _write(folder / "accounts" / name, text, mode=0o444)


def _write_files(folder: Path, asked: Start) -> None:
    for name, file in asked.files.items():
        path = folder / "secrets" / name
        _write(path, file.content, mode=file.mode)
        if os.geteuid() == 0:
            os.chown(path, asked.uid, asked.uid)


def _for_everybody(asked: Start) -> tuple[walls.Mount, ...]:
    return tuple(m for m in asked.mounts if m.target not in slots.BROUGHT)


def _kind(asked: Start) -> str:
    """The same for all who can be given the same sandbox."""
    same = (asked.waiting, asked.limits, sorted(map(str, _for_everybody(asked))))
    return hashlib.sha256(repr(same).encode()).hexdigest()


def _moment() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _enclosed(folder: Path, asked: Start) -> tuple[list[str], list[str]]:
    return walls.enclosed(
        asked.command,
        uid=None if asked.uid == _NOBODYS else asked.uid,
        accounts=folder / "accounts",
        mounts=[*asked.mounts, walls.Mount(folder / "secrets", walls.SECRETS)],
        environment=asked.env,
        options=["--seccomp", "4", "--info-fd", "5"],
    )


def _write(path: Path, text: str, *, mode: int) -> None:
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


def _launch(folder: Path, asked: Start, cage: Cage) -> psutil.Popen:
    _, command = _enclosed(folder, asked)
    with (folder / "output.log").open("ab") as output:
        return psutil.Popen(
            [
                "/bin/sh", str(_SHIM), str(folder), *map(str, cage.joined_by()), "--",
                *cage.prefix(), str(walls.bubblewrap()), "--args", "3", *command,
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=_BARE,
            cwd="/",
            start_new_session=True,
        )  # fmt: skip
