"""`hexa user`: people, from the command line of a running platform."""

import json
from typing import TextIO

import click

from hexa.site.commands.asking import ask


@click.group()
def user() -> None:
    """Add people and end their access."""


@user.command()
@click.argument("email")
@click.option("--name", default="", help="As others see it.")
@click.option(
    "--password-file",
    type=click.File(encoding="utf-8"),
    help="Holds the password, - for standard input; else one is made and printed.",
)
@click.option("--admin", is_flag=True, help="An administrator of the platform.")
@click.option(
    "--language",
    type=click.Choice(["en", "fr"]),
    default=None,
    help="That of their browser when not given.",
)
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def create(
    email: str,
    name: str,
    password_file: TextIO | None,
    language: str | None,
    *,
    admin: bool,
    as_json: bool,
) -> None:
    """Add a person who signs in by e-mail and password."""
    flags = ["--admin"] if admin else []
    texts = {"--name": name, "--language": language}
    options = [f"{option}={text}" for option, text in texts.items() if text]
    password = password_file.read().strip() if password_file else ""
    told = ask("user", ["create", email, *options, *flags], typed=password)
    _tell(told, as_json=as_json)


@user.command()
@click.argument("email")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def deactivate(email: str, *, as_json: bool) -> None:
    """Stop a person's servers and refuse their requests."""
    _tell(ask("user", ["deactivate", email]), as_json=as_json)


def _tell(answer: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(answer))
        return
    for name, text in answer.items():
        click.echo(f"{name:<10} {text}")
