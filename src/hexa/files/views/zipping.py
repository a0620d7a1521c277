"""Several files as one download."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST

from hexa.files import forms
from hexa.files.queries import bundles
from hexa.files.views.requests import asker, cleaned, drive_named
from hexa.foundation.access import people


@people
@require_POST
def bundle(request: HttpRequest, slug: str, drive: str) -> HttpResponseBase:
    """One file by itself comes straight from the store, and in ranges."""
    found = drive_named(request, slug, drive)
    paths = cleaned(forms.PathsForm(request.POST))["path"]
    if len(paths) == 1 and not paths[0].endswith("/"):
        return redirect(reverse("files_download", args=[slug, found.name, paths[0]]))
    made = bundles.bundle(found, paths, by=asker(request))
    response = StreamingHttpResponse(_sent(made.chunks), content_type="application/zip")
    # With its length a browser knows when it was cut off.
    response["Content-Length"] = str(made.size_bytes)
    response["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=made.name
    )
    return response


async def _sent(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Read in a thread, one at a time: as fast as the browser takes them."""

    def following() -> bytes | None:
        return next(chunks, None)

    in_thread = sync_to_async(following, thread_sensitive=False)
    while (chunk := await in_thread()) is not None:
        yield chunk
