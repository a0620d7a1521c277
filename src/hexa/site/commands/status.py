"""`hexa status`: what runs."""

import json

import click

from hexa.site import settings
from hexa.site.installation import Installation
from hexa.site.supervisor import status as supervisor

_COLOURS = {"ready": "green", "starting": "yellow", "restarting": "yellow"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@click.pass_context
def status(context: click.Context, *, as_json: bool) -> None:
    """Show every component; exit code 1 while one is not ready."""
    found = supervisor.ask(Installation(settings.DATA.resolve()).status_socket)
    if as_json:
        stopped = {"ready": False, "data": str(settings.DATA), "components": []}
        click.echo(json.dumps(found or stopped, indent=2))
    elif found is None:
        click.echo(f"Nothing runs on {settings.DATA}. `hexa up` starts it.")
    else:
        _show(found)
    context.exit(0 if found and found["ready"] else 1)


def _show(found: supervisor.Status) -> None:
    click.echo(
        f"OpenHexa {found['version']} at {found['url']}, data in {found['data']}"
    )
    for component in found["components"]:
        state = component["state"]
        restarts = (
            f"  restarted {component['restarts']}×" if component["restarts"] else ""
        )
        shown = click.style(f"{state:<13}", fg=_COLOURS.get(state, "red"))
        name = f"{component['name']:<10}"
        click.echo(f"  {name} {shown} {component['version']}{restarts}")
