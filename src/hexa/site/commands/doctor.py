"""`hexa doctor`: what this machine lacks, and how to get it."""

import json
from dataclasses import asdict

import click

from hexa.site.commands import surroundings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@click.pass_context
def doctor(context: click.Context, *, as_json: bool) -> None:
    """Check ports, disk, walls, FUSE, R, PostGIS and clock; each with a remedy."""
    findings = list(surroundings.all_of_it())
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            _show(finding)
    broken = [
        finding for finding in findings if not (finding.ok or finding.is_optional)
    ]
    context.exit(1 if broken else 0)


def _show(finding: surroundings.Finding) -> None:
    if finding.ok:
        mark = click.style("✓", fg="green")
    else:
        mark = click.style("–" if finding.is_optional else "✗", fg="yellow")
    click.echo(f"  {mark} {finding.check:<12} {finding.finding}")
    if not finding.ok:
        click.echo(f"{'':17}{finding.remedy}")
