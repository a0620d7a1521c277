"""JupyterHub, in front of everyone's notebook servers."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import hexa
from hexa.backends.sandbox import walls
from hexa.site import settings
from hexa.site.installation import Trouble
from hexa.site.supervisor import probes
from hexa.site.supervisor.component import Component
from hexa.site.supervisor.components import postgres
from hexa.site.supervisor.components.plan import Plan

NAME = "hub"


@dataclass(frozen=True, slots=True)
class Environments:
    """Where notebooks find JupyterLab, and where their kernels find packages."""

    lab: Path
    default: Path

    @classmethod
    def found(cls) -> "Environments":
        """Raises Trouble when set-up has not made them."""
        root = Path(hexa.__file__).parents[2] / ".envs"
        environments = cls(lab=root / "lab", default=root / "default")
        for folder in (environments.lab, environments.default):
            if not (folder / "bin" / "python").exists():
                raise Trouble(
                    f"The environment {folder} is missing.", "Run `make setup`."
                )
        return environments

    @property
    def folders(self) -> list[Path]:
        found = [*walls.runtime(self.lab), *walls.runtime(self.default)]
        return list(dict.fromkeys(found))


def component(plan: Plan, environments: Environments) -> Component:
    place, ports = plan.installation, plan.ports
    secret = place.secret
    told = {
        "public_url": settings.PUBLIC_URL,
        "hub_port": ports.hub,
        "web_port": ports.web,
        "proxy_api_url": f"http://127.0.0.1:{ports.proxy_api}",
        "proxy_token": secret("proxy"),
        "service_token": secret("hub-service"),
        "oidc_client_id": "jupyterhub",
        "oidc_client_secret": secret("hub-oidc"),
        "db_url": postgres.hub_url(plan),
        "crypt_key": secret("hub-crypt"),
        "cookie_secret_file": str(place.path("secrets", "hub-cookie")),
        "keeper_socket": str(place.keeper_socket),
        "lab_env": str(environments.lab),
        "default_env": str(environments.default),
        "home_root": str(place.path("homes")),
        "hub_folder": str(place.path("hub")),
        "log_level": settings.LOG_LEVEL.upper(),
    }

    def command() -> Sequence[str]:
        text = json.dumps(told, indent=2)
        config = place.write_private("hub.json", text, uid=walls.PLATFORM_UID)
        return plan.python(
            "-m", "hexa.backends.jupyter.hub_process", "--config", str(config),
            name=NAME,
            read_only=tuple(environments.folders),
            writable=(place.path("hub"),),
        )  # fmt: skip

    async def is_ready() -> bool:
        return await probes.answers(ports.hub, "/notebooks/hub/health")

    return Component(
        name=NAME,
        title="Notebooks",
        version=version("jupyterhub"),
        command=command,
        is_ready=is_ready,
        # The front door takes its routes; the keeper knows which servers still run.
        after=frozenset({"postgres", "front", "keeper"}),
    )
