"""`hexa up`: run the platform until Ctrl-C."""

import asyncio
import logging
import logging.handlers
import resource
import signal
import time
from platform import python_version

import click

from hexa.backends.postgres import embedded
from hexa.backends.sandbox import walls
from hexa.foundation.logging import LineFormatter
from hexa.site import settings
from hexa.site.commands import surroundings
from hexa.site.installation import Installation, Trouble, is_free
from hexa.site.supervisor import cleanup, platform
from hexa.site.supervisor.components.plan import Plan
from hexa.site.supervisor.lifecycle import Supervisor
from hexa.site.supervisor.terminal import Terminal, Welcome

# More would only slow down programs that close every number they may have open.
_FILES = 65_536


@click.command()
def up() -> None:
    """Start everything and keep it running."""
    started = time.monotonic()
    terminal = Terminal()
    installation = Installation(settings.DATA.resolve())
    check_walls()
    if not installation.is_created:
        # Later it may be a killed platform of this folder that has it.
        check_front_port()
        check_admin()
        check_name()
    raise_file_limit()
    with installation.held():
        write_log(installation)
        terminal.cleaned(cleanup.end_leftovers(installation.data))
        check_front_port()
        plan = platform.plan(installation)
        try:
            asyncio.run(_run(plan, terminal, started))
        finally:
            cleanup.unmount_leftovers(installation.data)


async def _run(plan: Plan, terminal: Terminal, started: float) -> None:
    children = platform.environment(plan.installation)
    components, tasks, preparation = await asyncio.to_thread(
        platform.parts, plan, children
    )
    supervisor = Supervisor(
        installation=plan.installation,
        components=components,
        tasks=tasks,
        environment=children,
        url=settings.PUBLIC_URL,
        version=plan.version,
        changed=terminal.component_changed,
        done=terminal.task_done,
    )
    asked_at: list[float] = []

    def stop() -> None:
        if not asked_at:
            asked_at.append(time.monotonic())
            terminal.stopping()
        supervisor.stopping.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop)

    def welcome() -> None:
        terminal.welcome(
            Welcome(
                url=settings.PUBLIC_URL,
                data=str(plan.installation.data),
                version=plan.version,
                versions=[
                    f"Python {python_version()}",
                    *(f"{each.title} {each.version}" for each in components),
                ],
                took_s=time.monotonic() - started,
                setup_link=preparation.setup_link,
                admin=preparation.admin,
                missing=[
                    (f.finding, f.remedy) for f in surroundings.optional() if not f.ok
                ],
            )
        )

    await supervisor.run(when_ready=welcome)
    if asked_at:
        terminal.stopped(time.monotonic() - asked_at[0])


def raise_file_limit() -> None:
    """Many files and connections are what an object store and a proxy are for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def write_log(installation: Installation) -> None:
    """What the supervisor itself does is a log beside the components'."""
    path = installation.path("logs", "supervisor.log")
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=2**20, backupCount=1)
    handler.setFormatter(LineFormatter())
    logging.basicConfig(level=settings.LOG_LEVEL.upper(), handlers=[handler])


def check_front_port() -> None:
    """Raises Trouble."""
    if not is_free(settings.PORT, settings.ADDRESS):
        raise Trouble(
            f"Port {settings.PORT} of {settings.ADDRESS} is taken.",
            "Stop what listens there (is it OpenHexa itself?) or set HEXA_PORT.",
        )


def check_walls() -> None:
    """Before anything is made that only they would protect. Raises Trouble."""
    try:
        walls.bubblewrap()
    except FileNotFoundError as error:
        raise Trouble(
            "bubblewrap, which keeps people's notebooks apart, is missing.",
            "Run `make setup`, or apt-get install bubblewrap.",
        ) from error


def check_name() -> None:
    """Where we run as a uid that nobody has named, as containers may. Raises Trouble."""
    if settings.DATABASE_URL:
        return
    try:
        embedded.check_name()
    except embedded.Unusable as unusable:
        raise Trouble(unusable.cause, unusable.remedy) from unusable


def check_admin() -> None:
    """Before anything is made for an administrator who cannot be. Raises Trouble."""
    email, password = settings.ADMIN_EMAIL, settings.ADMIN_PASSWORD
    if bool(email) != bool(password):
        given, missing = ("EMAIL", "PASSWORD") if email else ("PASSWORD", "EMAIL")
        raise Trouble(
            f"HEXA_ADMIN_{given} is set, but HEXA_ADMIN_{missing} is not.",
            "Set both, or neither: then a link to create the administrator is printed.",
        )
    if password and len(password) < settings.PASSWORD_LEAST:
        raise Trouble(
            "HEXA_ADMIN_PASSWORD is too short.",
            f"Give it at least {settings.PASSWORD_LEAST} characters.",
        )
