"""`hexa logs`: what the components say."""

import contextlib
import json
import time
from dataclasses import dataclass, field
from pathlib import Path

import click

from hexa.site import settings
from hexa.site.installation import Trouble

_LOOK_EVERY_S = 0.3


@click.command()
@click.argument("component", required=False)
@click.option("-f", "--follow", is_flag=True, help="Go on as lines come, until Ctrl-C.")
@click.option(
    "-n",
    "--lines",
    type=click.IntRange(min=0),
    default=50,
    show_default=True,
    help="Last lines of each.",
)
@click.option("--json", "as_json", is_flag=True, help="For scripts, a line each.")
def logs(component: str | None, *, follow: bool, lines: int, as_json: bool) -> None:
    """Show the logs of all components, or of one."""
    reading = Reading(settings.DATA / "logs", component, as_json=as_json)
    if not reading.files():
        raise reading.nothing()
    with contextlib.suppress(KeyboardInterrupt):
        reading.show(most=lines, to_the_end=not follow)
        while follow:
            time.sleep(_LOOK_EVERY_S)
            reading.show()


@dataclass
class Reading:
    """What of the logs was shown. Files may come, be cut and go meanwhile."""

    folder: Path
    component: str | None
    as_json: bool
    _places: dict[Path, int] = field(default_factory=dict)

    def files(self) -> list[Path]:
        found = sorted(self.folder.glob("*.log"))
        return [path for path in found if self.component in {None, path.stem}]

    def nothing(self) -> Trouble:
        known = ", ".join(sorted(path.stem for path in self.folder.glob("*.log")))
        return Trouble(
            f"There is no log of {self.component or 'anything'} in {self.folder}.",
            f"Known: {known}." if known else "`hexa up` makes them.",
        )

    def show(self, *, most: int | None = None, to_the_end: bool = False) -> None:
        """What is new, at `most` so many lines of each; a line that is being written
        waits for its end, unless this is `to_the_end`."""
        files = self.files()
        for gone in self._places.keys() - files:
            del self._places[gone]
        width = max((len(path.stem) for path in files), default=0)
        for path in files:
            lines = self._new_lines(path, to_the_end=to_the_end)
            for line in lines if most is None else lines[max(len(lines) - most, 0) :]:
                click.echo(self._shown(path.stem, line, width))

    def _new_lines(self, path: Path, *, to_the_end: bool) -> list[str]:
        place = self._places.get(path, 0)
        try:
            with path.open("rb") as file:
                if path.stat().st_size < place:  # it was rotated
                    place = 0
                file.seek(place)
                content = file.read()
        except FileNotFoundError:  # since it was listed
            return []
        whole, end, rest = content.rpartition(b"\n")
        self._places[path] = place + len(whole) + len(end)
        said = content if to_the_end and rest else whole
        return said.decode(errors="replace").splitlines()

    def _shown(self, component: str, line: str, width: int) -> str:
        if self.as_json:
            told = {"component": component, "line": line}
            return json.dumps(told, ensure_ascii=False)
        return f"{click.style(component.ljust(width), dim=True)}  {line}"
