"""`hexa index`: what search and sorting know of the files."""

import json
import subprocess
from collections.abc import Sequence
from typing import Any

import click

from hexa.site import settings
from hexa.site.installation import Installation, Trouble
from hexa.site.supervisor import platform, status
from hexa.site.supervisor.components.plan import Plan


@click.group()
def index() -> None:
    """The index by which files are searched and sorted."""


@index.command(name="status")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def show(*, as_json: bool) -> None:
    """How far the index of each drive is."""
    told = _run(["status"])
    if as_json:
        click.echo(json.dumps(told))
        return
    for one in told:
        click.echo(f"{one['drive']:<40} {one['files']:>12} files   {one['state']}")


@index.command()
@click.argument("drive", required=False)
@click.option("--all", "is_all", is_flag=True, help="Every drive.")
def rebuild(*, drive: str | None, is_all: bool) -> None:
    """Read a drive (`s3:<bucket>`) anew; search knows less of it until that is done."""
    if bool(drive) == is_all:
        raise click.UsageError("Name a drive, or say --all.")
    for one in _run(["rebuild", *([drive] if drive else [])]):
        click.echo(f"{one['drive']}: to be read anew")


def _run(arguments: Sequence[str]) -> list[dict[str, Any]]:
    installation = Installation(settings.DATA.resolve())
    running = status.ask(installation.status_socket)
    if running is None:
        raise Trouble(f"Nothing runs on {settings.DATA}.", "Start it by `hexa up`.")
    plan = Plan(installation, installation.ports, running["version"])
    done = subprocess.run(
        plan.python("-m", "django", "hexa_index", *arguments, name="index"),
        env=platform.environment(installation),
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["No reason was given."])[-1]
        raise Trouble(said.removeprefix("CommandError: "), "See `hexa index status`.")
    answer: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return answer
