import json
import socket
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from hexa.accounts.models import User
from hexa.foundation.access import people, public
from hexa.ui import palette
from hexa.ui.pages import page
from hexa.workspaces.models import Workspace

#: The worker needs a second or two; later, it is not coming.
DEMO_PATIENCE = timedelta(minutes=1)


@people
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The workspaces of a person; straight into the only one there is."""
    person = request.user
    assert isinstance(person, User), "@people lets nobody else in"
    workspaces = list(Workspace.objects.visible_to(person))
    if len(workspaces) == 1 and "all" not in request.GET:
        return redirect(workspaces[0])
    is_demo_coming = (
        settings.DEMO
        and not workspaces
        and person.is_admin
        and timezone.now() - person.created_at < DEMO_PATIENCE
    )
    context = {"workspaces": workspaces, "is_demo_coming": is_demo_coming}
    return page(request, "site/home.html", context)


@public(why="load balancers and scripts ask without an account; no secret is shown")
@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 with one entry per component, 503 while any is not ready."""
    try:
        state = _ask_supervisor()
    except (OSError, ValueError):
        state = {"ready": False, "components": []}
    return JsonResponse(state, status=200 if state.get("ready") else 503)


@people
@never_cache
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What Ctrl-K finds."""
    return JsonResponse(palette.answer(request))


def _ask_supervisor() -> dict[str, object]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as channel:
        channel.settimeout(2)
        channel.connect(str(settings.INSTALLATION.status_socket))
        with channel.makefile("rb") as answer:
            state: dict[str, object] = json.loads(answer.read())
    return state
