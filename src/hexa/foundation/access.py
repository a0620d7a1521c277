"""Who may call a URL at all, said on the view and proven by walking the URLconf.

    @people           a signed-in person; others are sent to the sign-in page
    @staff            an administrator of the platform
    @session_token    the token of a running notebook server
    @hub              the hub's service token
    @gateway          the gateway's service token
    @public(why="…")  anyone

What a person may do inside a workspace is the business of `permissions.py`.
"""

import hmac
from collections.abc import Awaitable, Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)
from django.urls import reverse

from hexa.foundation.answers import answer
from hexa.foundation.errors import PermissionDenied, SignedOut

View = Callable[..., Any]


def policy_of(view: Any) -> str | None:
    """The policy a view carries, or None when it carries none."""
    return getattr(view, "access_policy", None)


def mark(view: View, policy: str) -> View:
    """Say on a view we did not write ourselves who may call it."""
    view.access_policy = policy  # type: ignore[attr-defined] # a label on a function
    return view


def people(view: View) -> View:
    if iscoroutinefunction(view):
        return _people_async(view)

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        return view(request, *args, **kwargs)

    return mark(guarded, "people")


def _people_async(view: Callable[..., Awaitable[HttpResponseBase]]) -> View:
    @wraps(view)
    async def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        request.user = await request.auser()
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        return await view(request, *args, **kwargs)

    return mark(guarded, "people")


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    if request.headers.get("HX-Request") == "true":
        # A redirect would put the page to sign in where a part of this one stands.
        return answer(request, SignedOut())
    query = urlencode({"next": request.get_full_path()})
    return HttpResponseRedirect(f"{reverse('account_login')}?{query}")


def staff(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not getattr(request.user, "is_admin", False):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return mark(people(guarded), "staff")


def hub(view: View) -> View:
    return mark(_service(view, "HUB_SERVICE_TOKEN"), "hub")


def gateway(view: View) -> View:
    return mark(_service(view, "GATEWAY_TOKEN"), "gateway")


def _service(view: View, setting: str) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        given, expected = bearer(request), getattr(settings, setting)
        if not expected or not hmac.compare_digest(given, expected):
            answer = {"code": "UNAUTHENTICATED", "message": "Wrong token."}
            return JsonResponse(answer, status=401)
        return view(request, *args, **kwargs)

    guarded.csrf_exempt = True  # type: ignore[attr-defined] # no cookie is read
    return guarded


def public(*, why: str) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        return mark(view, f"public: {why}")

    return decorate


def bearer(request: HttpRequest) -> str:
    """The token of the Authorization header, with or without a scheme.

    AWS SDKs send the content of the token file as the whole header.
    """
    raw = request.headers.get("Authorization", "").strip()
    scheme, _, token = raw.rpartition(" ")
    return token if scheme.lower() in {"", "bearer", "token"} else ""
