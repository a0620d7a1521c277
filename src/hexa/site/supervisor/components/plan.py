"""What every component is built from: the data folder, the ports, what was set."""

import sys
from dataclasses import dataclass
from pathlib import Path

import hexa
import hexakit
from hexa.backends.sandbox import walls
from hexa.site.installation import Installation, Ports


@dataclass(frozen=True, slots=True)
class Plan:
    installation: Installation
    ports: Ports
    version: str

    def python(
        self,
        *arguments: str,
        name: str,
        read_only: tuple[Path, ...] = (),
        writable: tuple[Path, ...] = (),
    ) -> list[str]:
        """A Python process of ours that needs no more than to read the data folder."""
        place = self.installation
        return walls.confined(
            [sys.executable, *arguments],
            uid=walls.PLATFORM_UID,
            read_only=[
                *code(),
                *read_only,
                place.path("secrets"),
                place.path("ports.json"),
                place.path("run"),
                place.path("static"),
                place.sockets,
            ],
            writable=writable,
            name=name,
        )


def code() -> list[Path]:
    """The folders our own code runs from, wherever it was installed."""
    environment = Path(sys.prefix)
    places = [*walls.runtime(environment), *_editable()]
    return [place for place in dict.fromkeys(places) if place.exists()]


def _editable() -> list[Path]:
    """Source folders outside the environment, in a checkout."""
    environment = Path(sys.prefix)
    kept = [Path(module.__file__ or "").parent for module in (hexa, hexakit)]
    return [place for place in kept if not place.is_relative_to(environment)]
