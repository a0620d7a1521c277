"""Opening, feeding and ending notebook sessions."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from hexa.accounts.models import User
from hexa.backends.folders.client import Folders
from hexa.backends.folders.errors import FuseMissing
from hexa.backends.jupyter.hub import Hub
from hexa.databases import actions as databases
from hexa.files import actions as files
from hexa.foundation import audit, queue
from hexa.foundation.actors import System
from hexa.foundation.errors import Invalid, Outage
from hexa.notebooks import errors, permissions
from hexa.notebooks.actions import google, rclone
from hexa.notebooks.models import Home, Session
from hexa.workspaces.models import Workspace
from hexakit import Address, NotAnAddress

log = logging.getLogger(__name__)

#: Longest a session may go on without being started anew.
LONGEST = timedelta(days=30)
PLATFORM = System("notebooks")


@dataclass(frozen=True, slots=True)
class Start:
    """What the spawner needs to start a server; the token is shown only here."""

    session: Session
    token: str
    environment: dict[str, str]
    folder: Path | None
    # By their names below /run/hexa.
    files: dict[str, str]


def hub() -> Hub:
    return Hub(settings.HUB_API_URL, token=settings.HUB_SERVICE_TOKEN)


def open_session(workspace: Workspace, *, by: User) -> None:
    """Ask the hub for the person's server in this workspace; at once if it runs."""
    if not permissions.OPEN_NOTEBOOKS.allows(by, workspace):
        raise errors.NotebooksForEditors
    hub().start_server(by.handle, workspace.slug)
    audit.record("notebooks.opened", workspace.slug, by=by, workspace=workspace.slug)


def stop_session(workspace: Workspace, *, by: User) -> None:
    """Stop the person's own server; the home and all files stay."""
    hub().stop_server(by.handle, workspace.slug)
    end(Session.objects.visible_to(by).running().filter(home__workspace=workspace))
    audit.record("notebooks.stopped", workspace.slug, by=by, workspace=workspace.slug)


def start(handle: str, slug: str) -> Start:
    """Prepare a session for the hub, which is about to start its server.

    Raises AccessEnded or NotebooksForEditors: the hub then starts nothing.
    """
    person = User.objects.get_queryset().filter(handle=handle, is_active=True).first()
    if person is None:
        raise errors.AccessEnded
    workspace = Workspace.objects.visible_to(person).filter(slug=slug).first()
    if workspace is None:
        raise errors.AccessEnded
    if not permissions.OPEN_NOTEBOOKS.allows(person, workspace):
        raise errors.NotebooksForEditors
    home, _ = Home.objects.get_or_create(person=person, workspace=workspace)
    end(Session.objects.visible_to(PLATFORM).running().filter(home=home))
    session = Session(home=home)
    token = session.renew_token()
    environment = _environment(session, token, until=timezone.now() + LONGEST)
    with transaction.atomic():
        session.save(force_insert=True)
        audit.record("session.started", workspace.slug, by=person, workspace=slug)
    folder = _folder(files.own_bucket(workspace))
    return Start(
        session=session,
        token=token,
        environment=environment,
        folder=folder,
        files={google.FILE: google.configuration()},
    )


def session_of(token: str) -> Session:
    """The running session of a token. Raises SessionOver or AccessEnded."""
    session = Session.objects.visible_to(PLATFORM).with_token(token).first()
    if session is None or session.ended_at is not None:
        raise errors.SessionOver
    if session.workspace.role_of(session.person) is None:
        raise errors.AccessEnded
    return session


def mint(session: Session) -> files.StoreCredentials:
    """Credentials for exactly the drives the person may reach now."""
    return files.mint(
        session.workspace,
        reader=session.person,
        session_name=session.store_name,
        lifetime=settings.SESSION_CREDENTIALS,
    )


def restart_session(workspace: Workspace, *, by: User) -> None:
    """Stop the person's server and start it again: a fresh one, same home."""
    if not permissions.OPEN_NOTEBOOKS.allows(by, workspace):
        raise errors.NotebooksForEditors
    stop_session(workspace, by=by)
    open_session(workspace, by=by)


def stop_soon(session: Session) -> None:
    """By the queue: the one who asks lives in the server that is to stop."""
    queue.defer("notebooks.stop", session_id=str(session.pk))


def restart_soon(session: Session) -> None:
    queue.defer("notebooks.restart", session_id=str(session.pk))


def link(session: Session, *, address: str, method: str) -> tuple[str, datetime]:
    """A signed URL for one object, for languages without a storage client.

    Raises Invalid for what is no address, and the refusals of `files.link`.
    """
    if method not in {"GET", "PUT"}:
        raise Invalid
    try:
        wanted = Address.of(address)
    except NotAnAddress as error:
        raise Invalid(str(error)) from error
    return files.link(
        session.workspace,
        reader=session.person,
        address=wanted,
        method="PUT" if method == "PUT" else "GET",
    )


def follow_role(workspace: Workspace, person: User) -> None:
    """The person's role changed: what was given for the old one ends.

    Who may no longer open notebooks loses the running server too, since the bucket's
    folder in it is writable until it stops. Safe to repeat.
    """
    narrow_access(workspace, person)
    if permissions.OPEN_NOTEBOOKS.allows(person, workspace):
        return
    running = Session.objects.visible_to(person).running()
    end(running.filter(home__workspace=workspace))
    hub().stop_server(person.handle, workspace.slug)


def narrow_access(workspace: Workspace, person: User) -> None:
    """Credentials minted so far stop working; new ones follow the present role."""
    running = Session.objects.visible_to(person).running()
    for session in running.filter(home__workspace=workspace):
        files.revoke(workspace, session_name=session.store_name)


def end_everything(person: User) -> None:
    """The person was deactivated: every server stops, every credential dies."""
    for session in Session.objects.visible_to(person).running():
        files.revoke(session.workspace, session_name=session.store_name)
        end(Session.objects.visible_to(PLATFORM).filter(pk=session.pk))
    hub().delete_person(person.handle)


def _folder(bucket: str) -> Path | None:
    """The bucket as a folder of this machine; None where it cannot be mounted.

    A session without it is better than none: every file stays in reach by address.
    """
    try:
        return Folders(settings.FOLDERS_SOCKET).ensure(bucket)
    except FuseMissing:
        return None
    except Outage:
        log.warning("bucket not mounted", exc_info=True, extra={"bucket": bucket})
        return None


def end(sessions: QuerySet[Session]) -> None:
    """Note that they are over, and take their logins to the database away."""
    for session in sessions:
        databases.close_entrance(login=_login(session))
        session.ended_at = timezone.now()
        session.save(update_fields=["ended_at"])


def _login(session: Session) -> str:
    return f"s_{session.pk.hex}"


def _environment(session: Session, token: str, *, until: datetime) -> dict[str, str]:
    """Variables of a session: `sdk-contract` §1 and what storage clients read."""
    workspace = session.workspace
    bucket = files.own_bucket(workspace)
    entrance = databases.open_entrance(
        workspace, login=_login(session), write=True, until=until
    )
    server, port = settings.SERVER_URL, str(entrance.port)
    url = (
        f"postgresql://{quote(entrance.user)}:{quote(entrance.password)}"
        f"@{entrance.host}:{port}/{quote(entrance.database)}"
    )
    return {
        "HEXA_SERVER_URL": server,
        "HEXA_WORKSPACE": workspace.slug,
        "HEXA_ENVIRONMENT": "CLOUD_JUPYTER",
        "HEXA_TOKEN": token,
        "HEXA_TOKEN_FILE": "/run/hexa/token",
        "HEXA_SESSION_URL": f"{server}/api/session/",
        "WORKSPACE_BUCKET_NAME": bucket,
        "WORKSPACE_DATABASE_HOST": entrance.host,
        "WORKSPACE_DATABASE_PORT": port,
        "WORKSPACE_DATABASE_USERNAME": entrance.user,
        "WORKSPACE_DATABASE_PASSWORD": entrance.password,
        "WORKSPACE_DATABASE_DB_NAME": entrance.database,
        "WORKSPACE_DATABASE_URL": url,
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{server}/api/session/credentials/s3/",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/run/hexa/token",
        "AWS_ENDPOINT_URL": settings.GATEWAY_ENDPOINT,
        "AWS_ENDPOINT_URL_S3": settings.GATEWAY_ENDPOINT,
        "AWS_REGION": settings.STORE_REGION,
        "AWS_DEFAULT_REGION": settings.STORE_REGION,
        "AWS_ALLOW_HTTP": "true",
        "AWS_EC2_METADATA_DISABLED": "true",
        **rclone.environment(),
        **google.environment(workspace),
    }
