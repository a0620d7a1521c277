"""The web and the worker: our Django code, served by granian and by procrastinate."""

import time
from collections.abc import Sequence
from importlib.metadata import version

import psycopg

from hexa.site import settings
from hexa.site.supervisor import probes
from hexa.site.supervisor.component import Component
from hexa.site.supervisor.components import postgres
from hexa.site.supervisor.components.plan import Plan

# A worker writes a heartbeat every ten seconds; an older row is of one that was killed.
_WORKER_ALIVE = """
    SELECT 1 FROM procrastinate_workers
    WHERE last_heartbeat > greatest(to_timestamp(%s), now() - interval '30 seconds')
    LIMIT 1
"""


def web(plan: Plan) -> Component:
    port = plan.ports.web

    def command() -> Sequence[str]:
        granian = [
            "--interface", "asginl",
            "--host", "127.0.0.1",
            "--port", str(port),
            "--workers", str(settings.WEB_WORKERS),
            "--respawn-failed-workers",
            "--workers-kill-timeout", "2",
            "--no-ws",
            "--log-level", settings.LOG_LEVEL,
            "hexa.site.asgi:application",
        ]  # fmt: skip
        return plan.python("-m", "granian", *granian, name="web")

    async def is_ready() -> bool:
        # Not /ready, which tells of the whole platform, and answers 503 until then.
        return await probes.answers(port, "/o/.well-known/jwks.json")

    return Component(
        name="web",
        title="Web",
        version=plan.version,
        command=command,
        is_ready=is_ready,
        after=frozenset({"preparation"}),
    )


def worker(plan: Plan) -> Component:
    conninfo = postgres.platform_conninfo(plan)
    started_at = time.time()

    def command() -> Sequence[str]:
        nonlocal started_at
        started_at = time.time()
        return plan.python("-m", "django", "hexa_worker", name="worker")

    async def is_ready() -> bool:
        try:
            async with await psycopg.AsyncConnection.connect(conninfo) as connection:
                found = await connection.execute(_WORKER_ALIVE, [started_at])
                return await found.fetchone() is not None
        except psycopg.Error:
            return False

    return Component(
        name="worker",
        title="Worker",
        version=version("procrastinate"),
        command=command,
        is_ready=is_ready,
        after=frozenset({"preparation"}),
    )
