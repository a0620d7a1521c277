"""PostgreSQL: embedded, or the operator's own by HEXA_DATABASE_URL."""

import asyncio
import signal

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from hexa.backends.postgres import embedded, provisioning
from hexa.foundation.errors import Outage
from hexa.site import settings
from hexa.site.installation import Trouble
from hexa.site.supervisor.component import Component, Task
from hexa.site.supervisor.components.plan import Plan

NAME = "postgres"


def cluster(plan: Plan) -> embedded.Cluster:
    return embedded.Cluster(
        folder=plan.installation.path("postgres"),
        port=plan.ports.postgres,
        password=plan.installation.secret("postgres-superuser"),
    )


def component(plan: Plan) -> Component:
    """Raises Trouble when its binaries or its data cannot be used."""
    server = cluster(plan)
    secret = plan.installation.secret

    async def bootstrap() -> None:
        try:
            await asyncio.to_thread(
                provisioning.bootstrap,
                server.conninfo(),
                platform_password=secret("postgres"),
                hub_password=secret("hub-db"),
            )
        except psycopg.Error as error:
            raise Outage(str(error)) from error

    async def is_ready() -> bool:
        try:
            return await server.is_ready()
        except embedded.Unusable as unusable:
            raise Trouble(unusable.cause, unusable.remedy) from unusable

    try:
        server.prepare()
        command = server.command()
        version = server.binaries().version
    except embedded.Unusable as unusable:
        raise Trouble(unusable.cause, unusable.remedy) from unusable
    return Component(
        name=NAME,
        title="PostgreSQL",
        version=version,
        command=lambda: command,
        environment=server.environment,
        is_ready=is_ready,
        settle=bootstrap,
        # Ends sessions and writes everything out; SIGTERM would wait for clients.
        stop_signal=signal.SIGINT,
    )


def external(plan: Plan) -> Task:
    """The hub's database on a server that is not ours."""

    async def ensure() -> None:
        try:
            await asyncio.to_thread(
                provisioning.ensure_hub,
                settings.DATABASE_DSN,
                password=plan.installation.secret("hub-db"),
            )
        except psycopg.OperationalError as error:
            raise Trouble(
                f"The server of HEXA_DATABASE_URL does not answer ({error}).",
                "Check address, password and network.",
            ) from error

    return Task(name=NAME, title="Database server", run=ensure)


def platform_conninfo(plan: Plan) -> str:
    """Made afresh: the settings were read before ports and secrets existed."""
    if settings.DATABASE_URL:
        return settings.DATABASE_URL
    return make_conninfo(
        host="127.0.0.1",
        port=plan.ports.postgres,
        user=provisioning.PLATFORM,
        password=plan.installation.secret("postgres"),
        dbname=provisioning.PLATFORM,
        connect_timeout=3,
    )


def hub_url(plan: Plan) -> str:
    """As SQLAlchemy writes it."""
    server = conninfo_to_dict(platform_conninfo(plan))
    password = plan.installation.secret("hub-db")
    place = f"{server.get('host', '127.0.0.1')}:{server.get('port', 5432)}"
    return f"postgresql+psycopg2://{provisioning.HUB}:{password}@{place}/{provisioning.HUB}"
