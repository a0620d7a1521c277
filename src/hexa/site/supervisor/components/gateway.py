"""The gateway: the S3 endpoint of sessions, before our own store and connected ones."""

import json
from collections.abc import Sequence
from pathlib import Path

from hexa.backends.sandbox import walls
from hexa.site.supervisor import probes
from hexa.site.supervisor.component import Component
from hexa.site.supervisor.components.front import node
from hexa.site.supervisor.components.plan import Plan

PROGRAM = Path(__file__).parents[2] / "gateway" / "gateway.mjs"


def component(plan: Plan) -> Component:
    """Raises Trouble when node is missing."""
    ports = plan.ports
    program = node()
    told = {
        "port": ports.gateway,
        "web": f"http://127.0.0.1:{ports.web}",
        "store": f"http://127.0.0.1:{ports.store_s3}",
        "token": plan.installation.secret("gateway"),
    }

    def command() -> Sequence[str]:
        return walls.confined(
            [str(program), str(PROGRAM)],
            uid=walls.PLATFORM_UID,
            read_only=[program.parents[1], PROGRAM.parent],
            writable=[],
            name="gateway",
        )

    async def is_ready() -> bool:
        return await probes.answers(ports.gateway, "/healthz")

    return Component(
        name="gateway",
        title="Gateway",
        version=plan.version,
        command=command,
        environment={"GATEWAY_SETTINGS": json.dumps(told)},
        is_ready=is_ready,
        stop_patience_s=1.0,
    )
