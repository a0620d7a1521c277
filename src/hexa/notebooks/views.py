"""The workspace's page of notebooks, and the API that running sessions call."""

import json
import logging
from collections.abc import AsyncIterator, Callable
from functools import wraps
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from hexa.accounts.models import User
from hexa.foundation.access import bearer, hub, mark, people
from hexa.foundation.answers import spoken
from hexa.foundation.errors import Invalid, Outage, Refusal
from hexa.notebooks import permissions, queries
from hexa.notebooks.actions import google, idleness, sessions
from hexa.notebooks.models import Session
from hexa.ui.pages import page
from hexa.workspaces.models import Workspace

log = logging.getLogger(__name__)

SessionView = Callable[..., HttpResponseBase]


def session_token(view: SessionView) -> SessionView:
    """Admits the token of a running server; the session comes as second argument."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, sessions.session_of(bearer(request)), *args, **kwargs)

    mark(guarded, "session_token")
    # The token is in a header no browser adds by itself: there is nothing to forge.
    exempt: SessionView = never_cache(csrf_exempt(guarded))
    return exempt


def mark_session_token(view: SessionView) -> SessionView:
    """For a view that reads the token of a running server from elsewhere."""
    return mark(view, "session_token")


@people
@never_cache
@require_safe
def notebooks(request: HttpRequest, slug: str) -> HttpResponse:
    person = _person(request)
    workspace = Workspace.objects.visible_to(person).find(slug=slug)
    link = queries.own_link(request.GET.get("next", ""), person, workspace)
    return page(
        request,
        "notebooks/notebooks.html",
        {
            "workspace": workspace,
            "may_open": permissions.OPEN_NOTEBOOKS.allows(person, workspace),
            "server": queries.server_of(person, workspace, link=link),
            "link": link,
            "file": queries.file_of(link),
        },
        partials=frozenset({"server"}),
    )


@people
@require_POST
def open_notebooks(request: HttpRequest, slug: str) -> HttpResponse:
    person = _person(request)
    workspace = Workspace.objects.visible_to(person).find(slug=slug)
    sessions.open_session(workspace, by=person)
    link = queries.own_link(request.POST.get("next", ""), person, workspace)
    server = queries.server_of(person, workspace, link=link)
    if server.is_ready:
        return redirect(server.url)
    return redirect(_address("notebooks_waiting", slug, link))


@people
@never_cache
@require_safe
def waiting(request: HttpRequest, slug: str) -> HttpResponse:
    """Says what is being done; without JavaScript the page reloads itself."""
    person = _person(request)
    workspace = Workspace.objects.visible_to(person).find(slug=slug)
    link = queries.own_link(request.GET.get("next", ""), person, workspace)
    server = queries.server_of(person, workspace, link=link)
    if server.is_ready:
        return redirect(server.url)
    context = {
        "workspace": workspace,
        "source": _address("notebooks_progress", slug, link),
        "link": link,
        # Scripts hear why from the hub; who has none is told here, once nothing comes.
        "has_ended": server.is_known and not server.is_pending,
    }
    return page(request, "notebooks/waiting.html", context)


@people
@never_cache
@require_safe
async def progress(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """Server-sent events: `step` {message, percent}, then `ready` {url} or `failed`."""
    person = _person(request)
    workspace = await sync_to_async(
        Workspace.objects.visible_to(person).find, thread_sensitive=True
    )(slug=slug)
    link = queries.own_link(request.GET.get("next", ""), person, workspace)
    steps = queries.steps_of(person, workspace, link=link)
    response = StreamingHttpResponse(
        _events(steps), content_type="text/event-stream; charset=utf-8"
    )
    response["X-Accel-Buffering"] = "no"
    return response


@people
@require_POST
def stop(request: HttpRequest, slug: str) -> HttpResponse:
    person = _person(request)
    workspace = Workspace.objects.visible_to(person).find(slug=slug)
    sessions.stop_session(workspace, by=person)
    return redirect("notebooks", slug=slug)


@people
@require_POST
def restart(request: HttpRequest, slug: str) -> HttpResponse:
    person = _person(request)
    workspace = Workspace.objects.visible_to(person).find(slug=slug)
    sessions.restart_session(workspace, by=person)
    return redirect("notebooks_waiting", slug=slug)


@hub
@require_POST
def start_environment(request: HttpRequest) -> HttpResponse:
    """What the hub's spawner asks before it starts a server."""
    try:
        asked = json.loads(request.body)
        handle, slug = str(asked["handle"]), str(asked["workspace"])
    except (ValueError, KeyError, TypeError):
        raise Invalid("Give handle and workspace.") from None
    start = sessions.start(handle, slug)
    return JsonResponse(
        {
            "home_id": start.session.home_id,
            "env": start.environment,
            "token": start.token,
            "limits": {
                "memory_bytes": settings.SESSION_MEMORY,
                "cpus": settings.SESSION_CPUS,
            },
            "workspace_folder": str(start.folder) if start.folder else None,
            "workspace_writable": True,
            "files": start.files,
            "language": start.session.person.speaks,
        }
    )


@session_token
@require_safe
def session(request: HttpRequest, session: Session) -> HttpResponse:
    workspace, person = session.workspace, session.person
    address = f"{settings.PUBLIC_URL}{workspace.get_absolute_url()}"
    return JsonResponse(
        {
            "person": {
                "name": person.name,
                "email": person.email,
                "language": person.speaks,
            },
            "workspace": {
                "slug": workspace.slug,
                "name": workspace.name,
                "url": address,
            },
            "store": {
                "endpoint": settings.STORE_ENDPOINT,
                "region": settings.STORE_REGION,
                "path_style": True,
            },
            "drives": queries.drives_of(session),
            "checked_every_seconds": 15,
            "stop_warning": (
                {"stops_at": session.stops_at.isoformat()} if session.stops_at else None
            ),
            "last_kill": queries.last_kill_of(session),
        }
    )


@session_token
@require_safe
def credentials(request: HttpRequest, session: Session) -> HttpResponse:
    """In the form that AWS SDKs read from a container's credential address."""
    minted = sessions.mint(session)
    return JsonResponse(
        {
            "AccessKeyId": minted.access_key_id,
            "SecretAccessKey": minted.secret_access_key,
            "Token": minted.token,
            "Expiration": minted.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    )


@mark_session_token
@never_cache
@csrf_exempt
@require_POST
def google_token(request: HttpRequest) -> HttpResponse:
    """OAuth 2.0 token exchange (RFC 8693): the session's token for one of Google's."""
    # Not by request.POST: Google's C++ library, and so pyarrow, names the type of the
    # body twice in one header.
    asked = QueryDict(request.body)
    try:
        session = sessions.session_of(asked.get("subject_token", "").strip())
        given = google.exchange(session, audience=asked.get("audience", ""))
    except (Refusal, Outage) as error:
        return _oauth_error(error)
    return JsonResponse(
        {
            "access_token": given.token,
            "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
            "token_type": "Bearer",
            "expires_in": given.expires_in_s,
        }
    )


@session_token
@require_safe
def link(request: HttpRequest, session: Session) -> HttpResponse:
    url, expires_at = sessions.link(
        session,
        address=request.GET.get("address", ""),
        method=request.GET.get("method", "GET"),
    )
    return JsonResponse({"url": url, "expires_at": expires_at.isoformat()})


@session_token
@require_safe
def welcome(request: HttpRequest, session: Session) -> HttpResponse:
    """What is placed once in a new home, in the person's language."""
    files = queries.welcome_files(session.person.speaks)
    return JsonResponse({"files": files})


@session_token
@require_POST
def activity(request: HttpRequest, session: Session) -> HttpResponse:
    """Told every minute: {"idle_since": a moment, or null while something runs}."""
    try:
        told = json.loads(request.body)["idle_since"]
        since = None if told is None else parse_datetime(told)
    except (ValueError, KeyError, TypeError):
        raise Invalid from None
    if since is None and told is not None:
        raise Invalid
    idleness.report(session, idle_since=since, now=timezone.now())
    return HttpResponse(status=204)


@session_token
@require_POST
def stop_own(request: HttpRequest, session: Session) -> HttpResponse:
    """Answered before it happens: the caller lives in the server that stops."""
    sessions.stop_soon(session)
    return HttpResponse(status=202)


@session_token
@require_POST
def restart_own(request: HttpRequest, session: Session) -> HttpResponse:
    sessions.restart_soon(session)
    return HttpResponse(status=202)


def _oauth_error(error: Refusal | Outage) -> JsonResponse:
    """In the words that Google's clients show to whoever runs them."""
    is_outage = isinstance(error, Outage)
    code = "temporarily_unavailable" if is_outage else "invalid_grant"
    if isinstance(error, Outage):
        log.warning("no google token", exc_info=error, extra={"code": error.code})
    answer = {"error": code, "error_description": spoken(error), "code": error.code}
    status = error.status if is_outage or error.status == 401 else 400
    return JsonResponse(answer, status=status)


async def _events(steps: AsyncIterator[queries.Step]) -> AsyncIterator[bytes]:
    async for step in steps:
        told = {"message": step.message, "percent": step.percent, "url": step.url}
        yield f"event: {step.kind}\ndata: {json.dumps(told)}\n\n".encode()


def _address(name: str, slug: str, link: str) -> str:
    return reverse(name, args=[slug], query={"next": link} if link else None)


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User), "@people lets nobody else in"
    return request.user
