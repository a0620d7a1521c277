"""One place answers for every refusal and outage: a page, a toast or JSON."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext

from hexa.foundation.errors import FormTooLarge, Outage, Refusal

log = logging.getLogger(__name__)

LARGEST_FORM = 2 * 10**9
# In the scope of a request whose body was too large, and is not there any more.
TOO_LARGE = "hexa.too_large"
Next = Callable[[HttpRequest], HttpResponseBase]


def spoken(answer: Refusal | Outage) -> str:
    """The message in the language of the request."""
    return answer.message or gettext(answer.template()) % answer.fields


class AnswersMiddleware:
    """Turns Refusal and Outage into what the caller can read.

    Paths under `/api/` and `/internal/`, and callers that ask for JSON, get
    `{"code", "message"}`; HTMX gets the message for a toast; people get a page.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if getattr(request, "scope", {}).get(TOO_LARGE):
            return answer(request, FormTooLarge())
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        if not isinstance(exception, Refusal | Outage):
            return None
        fields = {"code": exception.code, "status": exception.status}
        if isinstance(exception, Outage):
            log.warning("outage", extra=fields, exc_info=exception)
        else:
            log.info("refused", extra=fields)
        return answer(request, exception)


def answer(request: HttpRequest, exception: Refusal | Outage) -> HttpResponse:
    message = spoken(exception)
    if wants_json(request):
        body = {"code": exception.code, "message": message}
        return JsonResponse(body, status=exception.status)
    if request.headers.get("HX-Request") == "true":
        response = HttpResponse(
            message, status=exception.status, content_type="text/plain; charset=utf-8"
        )
        response["HX-Reswap"] = "none"
        return response
    template = f"ui/errors/{exception.status if exception.status in (403, 404, 503) else 'refused'}.html"
    context = {
        "message": message,
        "status": exception.status,
        "back_url": _came_from(request),
    }
    return render(request, template, context, status=exception.status)


def _came_from(request: HttpRequest) -> str:
    """The page of ours that this was asked from; empty when there is none."""
    page = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(page, {request.get_host()})
    return page if is_ours and page != request.build_absolute_uri() else ""


def wants_json(request: HttpRequest) -> bool:
    return request.path.startswith(("/api/", "/internal/")) or (
        "application/json" in request.headers.get("Accept", "")
    )
