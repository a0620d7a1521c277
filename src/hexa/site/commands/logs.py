"""`hexa logs`: what the components say."""

import time
from pathlib import Path

import click

from hexa.site import settings
from hexa.site.installation import Trouble

_LOOK_EVERY_S = 0.3


@click.command()
@click.argument("component", required=False)
@click.option("-f", "--follow", is_flag=True, help="Go on as lines come, until Ctrl-C.")
@click.option(
    "-n", "--lines", default=50, show_default=True, help="Last lines of each."
)
def logs(component: str | None, *, follow: bool, lines: int) -> None:
    """Show the logs of all components, or of one."""
    folder = settings.DATA / "logs"
    found = sorted(folder.glob(f"{component or '*'}.log"))
    if not found:
        known = ", ".join(sorted(path.stem for path in folder.glob("*.log")))
        raise Trouble(
            f"There is no log of {component or 'anything'} in {folder}.",
            f"Known: {known}." if known else "`hexa up` makes them.",
        )
    width = max(len(path.stem) for path in found)
    places = {path: _show_last(path, lines, width) for path in found}
    while follow:
        time.sleep(_LOOK_EVERY_S)
        for path, place in places.items():
            places[path] = _show_new(path, place, width)


def _show_last(path: Path, lines: int, width: int) -> int:
    """Where in the file reading has got to."""
    content = path.read_bytes()
    for line in content.decode(errors="replace").splitlines()[-lines:]:
        _show(path, line, width)
    return len(content)


def _show_new(path: Path, place: int, width: int) -> int:
    size = path.stat().st_size
    if size < place:  # it was rotated
        place = 0
    with path.open("rb") as file:
        file.seek(place)
        content = file.read()
    whole, end, _ = content.rpartition(b"\n")
    for line in whole.decode(errors="replace").splitlines():
        _show(path, line, width)
    return place + len(whole) + len(end)


def _show(path: Path, line: str, width: int) -> None:
    click.echo(f"{click.style(path.stem.ljust(width), dim=True)}  {line}")
