"""`hexa keys`: the ring that seals secrets in the database."""

import json
import subprocess

import click

from hexa.foundation.keyring import KeyMissing, Ring
from hexa.site import settings
from hexa.site.installation import Installation, Trouble
from hexa.site.supervisor import platform, status
from hexa.site.supervisor.components.plan import Plan


@click.group()
def keys() -> None:
    """The keys that protect credentials at rest."""


@keys.command()
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def rotate(*, as_json: bool) -> None:
    """Seal every secret by a new key and retire the old ones.

    Stopped half-way, nothing is lost: every key is kept until all that it sealed is
    sealed anew. Run it again.
    """
    installation = Installation(settings.DATA.resolve())
    running = status.ask(installation.status_socket)
    if running is None:
        raise Trouble(f"Nothing runs on {settings.DATA}.", "Start it by `hexa up`.")
    with installation.changing_keys():
        renewed = _ring(installation).renewed()
        installation.keep(renewed)
        resealed = _reseal(Plan(installation, installation.ports, running["version"]))
        installation.keep(renewed.narrowed())
    answer = {
        "key": renewed.current,
        "retired": len(renewed.keys) - 1,
        "resealed": sum(resealed.values()),
    }
    if as_json:
        click.echo(json.dumps(answer))
    else:
        for name, value in answer.items():
            click.echo(f"{name:<10} {value}")


def _ring(installation: Installation) -> Ring:
    try:
        return Ring.read(installation.key_ring.read_text(encoding="utf-8"))
    except (OSError, KeyMissing):
        raise Trouble(
            f"The key ring {installation.key_ring} cannot be read.",
            "Restore it from a backup: without it, credentials must be entered again.",
        ) from None


def _reseal(plan: Plan) -> dict[str, int]:
    """Raises Trouble with what the platform answered."""
    done = subprocess.run(
        plan.python("-m", "django", "hexa_keys", name="keys"),
        env=platform.environment(plan.installation),
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
        raise Trouble(
            said.removeprefix("CommandError: "),
            "Every key was kept, so nothing is lost. Run it again.",
        )
    answer: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return answer
