"""Who does something: a person, a session or the platform itself."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@runtime_checkable
class Actor(Protocol):
    @property
    def audit_name(self) -> str:
        """How the audit log names this actor, stable over renames."""
        ...


@dataclass(frozen=True, slots=True)
class System:
    """The platform acting by itself; every rule allows it."""

    part: str

    @property
    def audit_name(self) -> str:
        return f"system:{self.part}"
