"""What the hub says of a person's server, and what a session may reach."""

import logging
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import TypedDict
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext, gettext_noop, override

from hexa.accounts.models import User
from hexa.backends.jupyter.hub import Hub, HubUnreachable, NotRunning, Progress
from hexa.backends.sandbox.client import Keeper
from hexa.backends.sandbox.errors import KeeperUnreachable
from hexa.files.models import Drive
from hexa.files.queries.store import facts_of
from hexa.notebooks.models import Session
from hexa.workspaces.models import Workspace

# What the spawner says while it works; it knows no language.
STEPS = (
    gettext_noop("Checking what you may reach"),
    gettext_noop("Building the walls of your session"),
    gettext_noop("Starting JupyterLab"),
)
# And when it gives up, beside the refusals of this context, which name themselves.
FAILURES = {
    "Your session ended while it was starting.": gettext_noop(
        "Your session ended while it was starting."
    ),
    "Spawn cancelled": gettext_noop("The start was called off."),
    "Spawn failed": gettext_noop("Your server did not start. Try again."),
}
CONTENT = Path(__file__).parent / "content"
#: A session that waits longer for its drives takes the platform for dead.
KEEPER_PATIENCE_SECONDS = 1.5
#: A server reports every minute; one that has not for so long is gone.
SILENT = timedelta(minutes=3)

# Anybody's; as the browser sent it, or as the hub names it in its own redirects.
_LAB_LINK = re.compile(
    r"/notebooks/(?:hub/)?user/[^/]+/(?P<slug>[^/]+)/(?P<page>(?:lab|doc)(?:[/?].*)?)"
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ServerState:
    """A person's server in one workspace, as the pages show it."""

    url: str
    is_ready: bool = False
    is_pending: bool = False
    is_known: bool = True
    started_at: datetime | None = None
    last_activity_at: datetime | None = None


def lab_url(person: User, workspace: Workspace) -> str:
    return f"/notebooks/user/{person.handle}/{workspace.slug}/lab"


def own_link(link: str, person: User, workspace: Workspace) -> str:
    """The same page in the person's own Lab; empty where the link is to no Lab here.

    People pass on what stands in their address bar, which names the sender's Lab.
    Whatever a link says, it never leads out of the Lab of the one who follows it.
    """
    found = _LAB_LINK.fullmatch(iri_to_uri(link) or "")
    if found is None or found["slug"] != workspace.slug:
        return ""
    # Browsers take these for steps upwards, however they are written.
    steps = unquote(found["page"].partition("?")[0]).split("/")
    if {".", ".."}.intersection(steps):
        return ""
    return f"/notebooks/user/{person.handle}/{workspace.slug}/{found['page']}"


def file_of(link: str) -> str:
    """Name of the file that a link to Lab opens; empty if it opens none."""
    path = unquote(urlsplit(link).path)
    return PurePosixPath(path.partition("/tree/")[2]).name


def server_of(person: User, workspace: Workspace, *, link: str = "") -> ServerState:
    """`link` is where in it the person wants to go: one of `own_link`.

    Never raises: while the hub is away nothing is known, and the page says so.
    """
    url = link or lab_url(person, workspace)
    hub = Hub(settings.HUB_API_URL, token=settings.HUB_SERVICE_TOKEN)
    try:
        server = hub.server(person.handle, workspace.slug)
    except HubUnreachable:
        return ServerState(url=url, is_known=False)
    if server is None:
        return ServerState(url=url)
    return ServerState(
        url=url,
        is_ready=server.is_ready and server.pending is None,
        is_pending=server.pending is not None,
        started_at=server.started_at,
        last_activity_at=server.last_activity_at,
    )


def is_running(person: User | AnonymousUser, slug: str) -> bool:
    """As the server itself told lately: cheap enough for every page, unlike the hub."""
    if not isinstance(person, User):
        return False
    lately = timezone.now() - SILENT
    mine = Session.objects.visible_to(person).running()
    return mine.filter(
        Q(started_at__gt=lately) | Q(reported_at__gt=lately),
        home__workspace__slug=slug,
    ).exists()


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a start: `kind` is "step", "ready" or "failed"."""

    kind: str
    message: str
    percent: int
    url: str = ""


async def steps_of(
    person: User, workspace: Workspace, *, link: str = ""
) -> AsyncIterator[Step]:
    """What happens while a server starts, in the language of the request."""
    hub = Hub(settings.HUB_API_URL, token=settings.HUB_SERVICE_TOKEN)
    try:
        async for told in hub.progress(person.handle, workspace.slug):
            if told.is_ready:
                url = link or lab_url(person, workspace)
                yield Step("ready", gettext("Ready"), 100, url)
            else:
                kind = "failed" if told.has_failed else "step"
                yield Step(kind, _in_words(told), told.percent)
    except (NotRunning, HubUnreachable) as error:
        yield Step("failed", gettext(error.template()), 0)


def _in_words(told: Progress) -> str:
    """Empty for the hub's own steps, which mean nothing to people."""
    if told.has_failed:
        return gettext(FAILURES.get(told.message, told.message))
    return gettext(told.message) if told.message in STEPS else ""


def welcome_files(language: str) -> dict[str, str]:
    """Name and text of what a new home begins with."""
    chosen = language if language in {"en", "fr"} else "en"
    notebook = "bienvenue.ipynb" if chosen == "fr" else "welcome.ipynb"
    sources = {"README.md": f"README.{chosen}.md", notebook: f"welcome.{chosen}.ipynb"}
    return {
        name: (CONTENT / source).read_text(encoding="utf-8")
        for name, source in sources.items()
    }


def drives_of(session: Session) -> list[dict[str, str]]:
    """The folders of the explorer, with what the person may do in each now."""
    drives = Drive.objects.visible_to(session.person).filter(
        workspace=session.workspace
    )
    return [
        {
            "name": drive.name,
            "provider": drive.provider,
            "bucket": drive.bucket,
            "access": access,
            **facts_of(drive),
        }
        for drive in drives.select_related("workspace")
        if (access := drive.access_for(session.person))
    ]


class Kill(TypedDict):
    """Why a program in a sandbox was ended, in the person's language."""

    reason: str
    cause: str
    at: str
    limit_bytes: int | None
    message: str


def last_kill_of(session: Session) -> Kill | None:
    """The newest in this session; None also while the keeper does not answer."""
    keeper = Keeper(settings.KEEPER_SOCKET, seconds=KEEPER_PATIENCE_SECONDS)
    try:
        kill = keeper.poll(f"session-{session.home_id}")["last_kill"]
    except KeeperUnreachable:
        # The drives of a session must not depend on it.
        log.warning("keeper unreachable", extra={"session": str(session.pk)})
        return None
    if kill is None:
        return None
    with override(session.person.speaks):
        limit = filesizeformat(kill["limit_bytes"] or settings.SESSION_MEMORY)
        # JupyterLab clips what is longer than 140 characters.
        message = gettext(
            "The memory of your session (%(limit)s) was used up, so a kernel was ended."
            " Files are safe. Load less at a time."
        ) % {"limit": limit}
    return Kill(
        reason=kill["reason"],
        cause=kill["reason"],
        at=kill["at"],
        limit_bytes=kill["limit_bytes"],
        message=message,
    )
