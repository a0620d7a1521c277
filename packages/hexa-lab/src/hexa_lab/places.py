"""Where a path of the file explorer leads: into the home, or into a drive.

notes/a.ipynb            the home
s3:malaria-team/a.csv    object "a.csv" of the drive "s3:malaria-team"
"""

import re
from dataclasses import dataclass
from typing import Self

from hexa_lab.refusals import BadName

_DRIVE = re.compile(r"(?:s3|gcs):[^/]+")


@dataclass(frozen=True, slots=True)
class Place:
    """`drive` is None in the home; `key` is "" for a drive's or the home's top."""

    drive: str | None
    key: str

    @classmethod
    def of(cls, path: str) -> Self:
        path = path.strip("/")
        head, _, rest = path.partition("/")
        if _DRIVE.fullmatch(head):
            return cls(head, rest)
        return cls(None, path)

    @property
    def path(self) -> str:
        if self.drive is None:
            return self.key
        return f"{self.drive}/{self.key}" if self.key else self.drive

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def parent(self) -> "Place":
        return Place.of(self.path.rpartition("/")[0])

    @property
    def is_drive(self) -> bool:
        return self.drive is not None and not self.key

    def holds(self, other: "Place") -> bool:
        """Whether `other` is this place or lies below it."""
        return other == self or other.path.startswith(self.path + "/")

    def below(self, name: str) -> "Place":
        return Place.of(f"{self.path}/{name}")


def check_name(place: Place) -> None:
    """Raises BadName for what no store keeps as written."""
    segments = place.key.split("/")
    if any(segment in {"", ".", ".."} for segment in segments):
        raise BadName(path=place.key, why="« . », « .. », « // »")
    if "\\" in place.key:
        raise BadName(path=place.key, why="« \\ »")
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in place.key):
        raise BadName(path=place.key, why="U+0000 – U+001F, U+007F")
    if len(place.key.encode()) > 1024:
        raise BadName(path=place.key, why="> 1024 bytes")
