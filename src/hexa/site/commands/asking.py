"""What other commands ask of the platform that runs, by a Django command of its own."""

import json
import subprocess
from collections.abc import Sequence
from typing import Any

from hexa.site import settings
from hexa.site.installation import Installation, Trouble
from hexa.site.supervisor import platform, status
from hexa.site.supervisor.components.plan import Plan


def ask(
    command: str, arguments: Sequence[str], *, typed: str = "", remedy: str = ""
) -> Any:
    """Runs `hexa_<command>` as the platform would, and reads what it answers in JSON.

    Raises Trouble with what it said, and `remedy`, when it fails. What nobody else may
    read goes by `typed`: everybody on the machine may read the arguments of a process.
    """
    installation = Installation(settings.DATA.resolve())
    running = status.ask(installation.status_socket)
    if running is None:
        raise Trouble(f"Nothing runs on {settings.DATA}.", "Start it by `hexa up`.")
    plan = Plan(installation, installation.ports, running["version"])
    done = subprocess.run(
        plan.python("-m", "django", f"hexa_{command}", *arguments, name=command),
        env=platform.environment(installation),
        input=typed,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["No reason was given."])[-1]
        raise Trouble(said.removeprefix("CommandError: "), remedy)
    return json.loads(done.stdout.splitlines()[-1])
