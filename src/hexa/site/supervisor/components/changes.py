"""What changes in the object store, told to who keeps the index of files."""

import json
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

from hexa.backends.sandbox import walls
from hexa.site import settings
from hexa.site.installation import own
from hexa.site.supervisor import probes
from hexa.site.supervisor.component import Component
from hexa.site.supervisor.components.plan import Plan, code

NAME = "changes"


def component(plan: Plan) -> Component:
    place = plan.installation
    folder, tls = place.changes_socket.parent, place.path("tls")
    told = {
        "socket": str(place.changes_socket),
        "tls": str(tls),
        "port": plan.ports.store_filer_grpc,
        "callers": [walls.PLATFORM_UID if os.geteuid() == 0 else os.geteuid()],
        "log_level": settings.LOG_LEVEL.upper(),
    }

    def command() -> Sequence[str]:
        folder.mkdir(mode=0o755, exist_ok=True)
        own(folder, walls.STORE_UID)
        text = json.dumps(told, indent=2)
        config = place.write_private("changes.json", text, uid=walls.STORE_UID)
        module = "hexa.backends.storage.changes_service"
        return walls.confined(
            [sys.executable, "-m", module, "--config", str(config)],
            uid=walls.STORE_UID,
            read_only=[*code(), config, tls],
            writable=[folder],
            name=NAME,
        )

    async def is_ready() -> bool:
        return await probes.listens(place.changes_socket)

    return Component(
        name=NAME,
        title="Changes of files",
        version=version("grpcio"),
        command=command,
        is_ready=is_ready,
        after=frozenset({"store"}),
    )
