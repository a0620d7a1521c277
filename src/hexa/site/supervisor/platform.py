"""Which components make this platform, in which environment."""

from importlib.metadata import version

from hexa.backends.sandbox import walls
from hexa.site import settings
from hexa.site.installation import Installation
from hexa.site.supervisor.cleanup import MARK
from hexa.site.supervisor.component import Component, Task
from hexa.site.supervisor.components import (
    changes,
    folders,
    front,
    gateway,
    hub,
    keeper,
    postgres,
    store,
    web,
)
from hexa.site.supervisor.components.plan import Plan
from hexa.site.supervisor.components.preparation import Preparation

# What any program may need from the operator's surroundings.
_PASSED_ON = (
    "PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
)  # fmt: skip
# Only the preparation needs them, once.
_WITHHELD = {"HEXA_ADMIN_PASSWORD", "HEXA_ADMIN_EMAIL"}


def environment(installation: Installation) -> dict[str, str]:
    """Of every component; files that settings point to were read already."""
    values = settings.env.values
    passed = {name: values[name] for name in _PASSED_ON if name in values}
    given = {
        name: values[name]
        for name in settings.env.declared
        if name in values and not name.endswith("_FILE") and name not in _WITHHELD
    }
    if settings.DATABASE_URL:
        given["HEXA_DATABASE_URL"] = settings.DATABASE_URL
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        **passed,
        **({} if walls.has_name() else _nameless(installation)),
        **given,
        "HEXA_DATA": str(installation.data),
        MARK: str(installation.data),
        "DJANGO_SETTINGS_MODULE": "hexa.site.settings",
        "PYTHONUNBUFFERED": "1",
    }


def _nameless(installation: Installation) -> dict[str, str]:
    """What programs otherwise look up by the name of our uid."""
    home = str(installation.path("run"))
    return {"HOME": home, "USER": walls.USER, "LOGNAME": walls.USER}


def plan(installation: Installation) -> Plan:
    return Plan(
        installation=installation,
        ports=installation.choose_ports(),
        version=version("openhexa"),
    )


def parts(
    chosen: Plan, children: dict[str, str]
) -> tuple[list[Component], list[Task], Preparation]:
    """Raises Trouble when a part lacks something it cannot do without."""
    preparation = Preparation(chosen, children)
    components = [
        front.component(chosen),
        gateway.component(chosen),
        store.component(chosen),
        changes.component(chosen),
    ]
    tasks = [preparation.task()]
    if settings.DATABASE_URL:
        tasks.append(postgres.external(chosen))
    else:
        components.append(postgres.component(chosen))
    environments = hub.Environments.found()
    mountable = [
        *environments.folders,
        chosen.installation.path("homes"),
        chosen.installation.path("hub"),
        chosen.installation.path("run", "folders"),
    ]
    components += [
        keeper.component(chosen, mountable=mountable),
        folders.component(chosen),
        hub.component(chosen, environments),
    ]
    components += [web.web(chosen), web.worker(chosen)]
    return components, tasks, preparation
