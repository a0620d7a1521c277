"""The `hexa` command; every expected failure is one line and an exit code."""

import importlib
import sys

import click

from hexa.foundation.env import BadSetting
from hexa.site.installation import Trouble


def main() -> None:
    try:
        # Imported here, since reading the settings may already refuse one.
        commands = importlib.import_module("hexa.site.commands")
        commands.hexa.main(prog_name="hexa", standalone_mode=True)
    except (BadSetting, Trouble) as refusal:
        click.echo("hexa: " + " ".join(str(refusal).split()), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
