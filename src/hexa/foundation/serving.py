"""What is sent to browsers, in as few bytes as they take it."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

_TEXTS = ("text/", "application/json", "application/geo+json", "image/svg+xml")


class SqueezeMiddleware(GZipMiddleware):
    """Pages go out compressed: a tenth of their bytes, for a millisecond.

    What guards against guessing secrets from sizes (BREACH) is Django's own: the token
    against forgery is masked anew each time, and each answer is of a random length.
    Streams stay as they are: events must not wait, and files are compressed already.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        is_text = response.get("Content-Type", "").startswith(_TEXTS)
        is_whole = response.status_code != HTTPStatus.PARTIAL_CONTENT
        if response.streaming or not is_text or not is_whole:
            return response
        return super().process_response(request, response)


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc] # has no types
    """The files of the interface, each read whole: none is large, and Django's ASGI
    handler would collect the pieces of a file anyway, with a warning."""

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        found: Any = static_file.get_response(request.method, request.META)
        content = b""
        if found.file is not None:
            with found.file as file:
                content = file.read()
        response = HttpResponse(content, status=int(found.status))
        del response["Content-Type"]
        for name, value in found.headers:
            response[name] = value
        return response
