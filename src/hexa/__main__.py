"""The `hexa` command; every expected failure is one line and an exit code."""

import importlib
import sys
from typing import NoReturn

import click

from hexa.foundation.env import BadSetting
from hexa.site.installation import Trouble


def main() -> None:
    try:
        # Imported here, since reading the settings may already refuse one.
        commands = importlib.import_module("hexa.site.commands")
        commands.hexa.main(prog_name="hexa", standalone_mode=True)
    except (BadSetting, Trouble) as refusal:
        _end(str(refusal))
    except ModuleNotFoundError as missing:
        # Of ours or of what we install: the code was updated, its packages were not.
        _end(f"The Python package {missing.name} is missing. Run `make setup`.")


def _end(why: str) -> NoReturn:
    click.echo("hexa: " + " ".join(why.split()), err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
