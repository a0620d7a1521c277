from collections.abc import Mapping
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers

TOASTS = "ui/parts/toasts.html#more"


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    partials: frozenset[str] = frozenset(),
    status: int = 200,
) -> HttpResponse:
    """Draw the page, or only the partial that HTMX asked to replace.

    A partial's name is the id of the element it draws, so HX-Target names it. Waiting
    toasts travel with a partial, since the page around it is not drawn again.
    """
    target = request.headers.get("HX-Target", "")
    if target in partials:
        response = render(request, f"{template}#{target}", dict(context), status=status)
        if len(get_messages(request)):
            response.write(render_to_string(TOASTS, request=request))
    else:
        response = render(request, template, dict(context), status=status)
    patch_vary_headers(response, ["HX-Target"])
    return response
