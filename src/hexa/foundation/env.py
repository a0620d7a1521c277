"""Typed reading of the environment, declared once, refused loudly.

    port = env.count("HEXA_PORT", 8888, help="Port of the front door.")

Every setting is read through one `Environment`, which remembers what was declared:
`check()` then refuses an undeclared name that starts with `HEXA_`, suggesting the
nearest, and the settings reference in the docs is generated from `declared`.
A secret may be given as a file: `NAME_FILE` holds its path.
"""

import difflib
import ipaddress
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

_SIZES = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
_SPANS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_FLAGS = {"1": True, "true": True, "yes": True, "on": True}
_FLAGS |= {"0": False, "false": False, "no": False, "off": False}


class BadSetting(Exception):
    """A setting has a wrong name or value; the message says which, and the remedy."""


@dataclass(frozen=True, slots=True)
class Declared:
    """One setting, as the reference in the docs shows it."""

    name: str
    kind: str
    default: str
    help: str


@dataclass
class Environment:
    values: Mapping[str, str] = field(default_factory=lambda: os.environ)
    declared: dict[str, Declared] = field(default_factory=dict)

    def text(self, name: str, default: str = "", *, help: str) -> str:  # noqa: A002 - the word the docs use
        return self._read(name, "text", default, default, help, str)

    def flag(self, name: str, default: bool, *, help: str) -> bool:  # noqa: A002, FBT001
        shown = "true" if default else "false"
        return self._read(name, "true or false", default, shown, help, _flag)

    def count(
        self,
        name: str,
        default: int,
        *,
        help: str,  # noqa: A002
        least: int = 0,
        most: int = 2**31,
    ) -> int:
        def parse(raw: str) -> int:
            if not raw.isdecimal() or not least <= int(raw) <= most:
                raise ValueError(f"a whole number from {least} to {most}")
            return int(raw)

        return self._read(name, "whole number", default, str(default), help, parse)

    def size(self, name: str, default: str, *, help: str) -> int:  # noqa: A002
        """Bytes, written `512M`, `2G`."""
        return self._read(name, "size", parse_size(default), default, help, parse_size)

    def duration(self, name: str, default: str, *, help: str) -> timedelta:  # noqa: A002
        """A span of time, written `90s`, `15m`, `1h`."""
        kind = "duration"
        return self._read(
            name, kind, parse_duration(default), default, help, parse_duration
        )

    def choice(
        self,
        name: str,
        default: str,
        choices: Sequence[str],
        *,
        help: str,  # noqa: A002
    ) -> str:
        def parse(raw: str) -> str:
            if raw.lower() not in choices:
                hint = _nearest(raw.lower(), choices)
                raise ValueError(f"one of {', '.join(choices)}.{hint}".rstrip("."))
            return raw.lower()

        kind = " or ".join(choices)
        return self._read(name, kind, default, default, help, parse)

    def networks(self, name: str, *, help: str) -> tuple[str, ...]:  # noqa: A002
        """Networks and addresses, separated by commas."""

        def parse(raw: str) -> tuple[str, ...]:
            try:
                found = [ipaddress.ip_network(one.strip()) for one in raw.split(",")]
            except ValueError:
                raise ValueError("networks such as 10.20.0.0/16, 192.168.7.9") from None
            return tuple(str(one) for one in found)

        return self._read(name, "networks", (), "", help, parse)

    def folder(self, name: str, default: str, *, help: str) -> Path:  # noqa: A002
        kind = "folder"
        return self._read(name, kind, _folder(default), default, help, _folder)

    def secret(self, name: str, *, help: str) -> str:  # noqa: A002
        """A value that may come from the file that `<name>_FILE` points to."""
        self.declared[f"{name}_FILE"] = Declared(
            f"{name}_FILE", "file", "", f"File that holds {name}."
        )
        path = self.values.get(f"{name}_FILE", "")
        if path:
            try:
                found = Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise BadSetting(
                    f"{name}_FILE: cannot read {path} ({error.strerror})."
                ) from error
            self.declared[name] = Declared(name, "secret", "", help)
            return found
        return self._read(name, "secret", "", "", help, str)

    def check(self, prefix: str = "HEXA_") -> None:
        """Raises BadSetting if a name with this prefix was never declared."""
        for name in sorted(self.values):
            if name.startswith(prefix) and name not in self.declared:
                hint = _nearest(name, self.declared)
                raise BadSetting(f"{name} is not a setting of OpenHexa.{hint}")

    def _read(
        self,
        name: str,
        kind: str,
        default: T,
        shown: str,
        description: str,
        parse: Callable[[str], T],
    ) -> T:
        self.declared[name] = Declared(name, kind, shown, description)
        raw = self.values.get(name, "").strip()
        if not raw:
            return default
        try:
            return parse(raw)
        except ValueError as error:
            shown_value = "" if kind == "secret" else f" {raw!r} is not valid:"
            said = f"{name}:{shown_value} give {error}"
            raise BadSetting(said if said.endswith("?") else f"{said}.") from error


def _nearest(given: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(given, list(known), n=1, cutoff=0.6)
    return f" Did you mean {near[0]}?" if near else ""


def parse_size(raw: str) -> int:
    """Bytes in `512M` or `2G`; powers of 1024. Raises ValueError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?", raw.strip().lower())
    if match is None:
        raise ValueError("a size such as 512M or 2G")
    return int(float(match[1]) * _SIZES[match[2]])


def parse_duration(raw: str) -> timedelta:
    """The span in `90s`, `15m` or `1h30m`. Raises ValueError."""
    pieces = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", raw.strip().lower())
    if not pieces or "".join(n + u for n, u in pieces) != raw.strip().lower():
        raise ValueError("a duration such as 90s, 15m or 1h")
    return timedelta(seconds=sum(float(n) * _SPANS[u] for n, u in pieces))


def _flag(raw: str) -> bool:
    try:
        return _FLAGS[raw.lower()]
    except KeyError:
        raise ValueError("true or false") from None


def _folder(raw: str) -> Path:
    return Path(raw).expanduser().absolute()
