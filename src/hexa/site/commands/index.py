"""`hexa index`: what search and sorting know of the files."""

import json

import click

from hexa.site.commands.asking import ask


@click.group()
def index() -> None:
    """The index by which files are searched and sorted."""


@index.command(name="status")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def show(*, as_json: bool) -> None:
    """How far the index of each drive is."""
    told = ask("index", ["status"])
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
    named = [drive] if drive else []
    told = ask("index", ["rebuild", *named], remedy="See `hexa index status`.")
    for one in told:
        click.echo(f"{one['drive']}: to be read anew")
