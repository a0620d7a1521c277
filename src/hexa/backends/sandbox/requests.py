"""What the keeper is asked, one JSON object a line, and what it answers.

    {"do": "start", "id", "command", "env", "mounts", "uid", "limits", "files", "waiting"}
    {"do": "stop" | "poll" | "wait" | "stats", "id"}      {"do": "list"}

A sandbox is told as
{"id", "state": "running" | "exited" | "unknown", "exit_code", "started_at",
"last_kill": null | {"reason": "memory", "at", "limit_bytes"}}.

The keeper may be root and its callers are not: a request is checked here, once, and
what passes can harm nobody but the sandbox itself.
"""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypedDict

from hexa.backends.sandbox import walls
from hexa.backends.sandbox.cages import Limits
from hexa.backends.sandbox.errors import BadRequest
from hexa.backends.sandbox.lines import Json

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# The programs that drop root inside the walls come from here.
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc", "/proc", "/dev")


class Kill(TypedDict):
    reason: str
    at: str
    limit_bytes: int | None


class Told(TypedDict):
    """A sandbox, as the keeper tells of it."""

    id: str
    state: str
    exit_code: int | None
    started_at: str | None
    last_kill: Kill | None


class Stats(TypedDict):
    memory_bytes: int
    memory_limit_bytes: int | None
    cpu_seconds: float
    processes: int


@dataclass(frozen=True, slots=True)
class File:
    """A file below /run/hexa, readable by the sandbox."""

    content: str
    mode: int = 0o400


@dataclass(frozen=True, slots=True)
class Start:
    id: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    mounts: tuple[walls.Mount, ...]
    uid: int
    limits: Limits
    files: Mapping[str, File]
    # The same command, as it waits in a sandbox made early. None: it cannot.
    waiting: tuple[str, ...] | None = None

    def as_json(self) -> Json:
        return {
            "do": "start",
            "id": self.id,
            "command": list(self.command),
            "env": dict(self.env),
            "mounts": [
                {
                    "source": str(mount.source),
                    "target": str(mount.target),
                    "writable": mount.writable,
                }
                for mount in self.mounts
            ],
            "uid": self.uid,
            "limits": {
                "memory_bytes": self.limits.memory_bytes,
                "cpus": self.limits.cpus,
            },
            "files": {
                path: {"content": file.content, "mode": file.mode}
                for path, file in self.files.items()
            },
            "waiting": list(self.waiting) if self.waiting else None,
        }

    @classmethod
    def parsed(cls, asked: Json, *, mountable: Iterable[Path]) -> Self:
        """Raises BadRequest. Mount sources must lie in one of the mountable folders."""
        allowed = [folder.resolve() for folder in mountable]
        mounts = tuple(
            _mount(_object(item), allowed) for item in _list(asked.get("mounts"))
        )
        if all(mount.target != walls.HOME for mount in mounts):
            raise BadRequest(reason=f"no mount at {walls.HOME}")
        return cls(
            id=sandbox_id(asked),
            command=tuple(_text(word) for word in _list(asked.get("command"))),
            env=_environment(_object(asked.get("env"))),
            mounts=mounts,
            uid=_uid(asked.get("uid")),
            limits=_limits(_object(asked.get("limits"))),
            files={
                _relative(path): _file(_object(value))
                for path, value in _object(asked.get("files")).items()
            },
            waiting=(
                tuple(_text(word) for word in _list(asked["waiting"]))
                if asked.get("waiting")
                else None
            ),
        )


def sandbox_id(asked: Json) -> str:
    return _matching(_ID, asked.get("id"), "id")


def _matching(pattern: re.Pattern[str], value: object, what: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise BadRequest(reason=f"{what} is not {pattern.pattern}")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise BadRequest(reason="a text was expected")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise BadRequest(reason="a list was expected")
    return value


def _object(value: object) -> Json:
    if not isinstance(value, dict):
        raise BadRequest(reason="an object was expected")
    return value


def _environment(value: Json) -> dict[str, str]:
    return {
        _matching(_VARIABLE, name, "a variable"): _text(content)
        for name, content in value.items()
    }


def _uid(value: object) -> int:
    if not isinstance(value, int) or not walls.FIRST_HOME_UID <= value < 2**31:
        raise BadRequest(reason="the uid is not that of a home")
    return value


def _mount(value: Json, allowed: list[Path]) -> walls.Mount:
    source = Path(_text(value.get("source")))
    target = Path(os.path.normpath(_text(value.get("target"))))
    if not source.is_absolute() or not target.is_absolute():
        raise BadRequest(reason="a mount needs absolute paths")
    # A home is its person's to fill: what a link in it leads to is what counts.
    real = source.resolve()
    if not any(real.is_relative_to(folder) for folder in allowed):
        raise BadRequest(reason=f"{source} is not to be mounted")
    if target == Path("/") or any(target.is_relative_to(name) for name in _SYSTEM):
        raise BadRequest(reason=f"nothing is mounted at {target}")
    return walls.Mount(real, target, writable=value.get("writable") is True)


def _limits(value: Json) -> Limits:
    memory, cpus = value.get("memory_bytes"), value.get("cpus")
    if memory is not None and (not isinstance(memory, int) or memory <= 0):
        raise BadRequest(reason="memory_bytes is not a size")
    if cpus is not None and (not isinstance(cpus, int | float) or cpus <= 0):
        raise BadRequest(reason="cpus is not a number of processors")
    return Limits(memory, cpus)


def _relative(path: str) -> str:
    parts = Path(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\0" in path:
        raise BadRequest(reason=f"{path} is not a path below {walls.SECRETS}")
    return str(Path(path))


def _file(value: Json) -> File:
    mode = value.get("mode", 0o400)
    if not isinstance(mode, int) or not 0 < mode <= 0o777:
        raise BadRequest(reason="a mode is not that of a file")
    return File(_text(value.get("content")), mode)
