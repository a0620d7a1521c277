from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from hexa.files.models import Drive
from hexa.files.queries import search
from hexa.files.views.browsing import crumbs_to
from hexa.files.views.ordering import number
from hexa.files.views.requests import asker, drive_named
from hexa.foundation.access import people
from hexa.ui.pages import page

PARTIALS = frozenset({"listing"})
_LONGEST_QUERY = 200


@dataclass(frozen=True, slots=True)
class Row:
    """A hit with its links, and its name in pieces, each looked for or not."""

    hit: search.Hit
    url: str
    folder_url: str
    pieces: Sequence[tuple[str, bool]]


@people
@require_safe
def find(request: HttpRequest, slug: str, drive: str) -> HttpResponse:
    """Files and folders by their names, in a folder of a drive and below."""
    found = drive_named(request, slug, drive)
    typed = request.GET.get("q", "")[:_LONGEST_QUERY].strip()
    folder = request.GET.get("folder", "")
    if folder and not folder.endswith("/"):
        folder += "/"
    hits = search.in_drive(
        found,
        folder,
        typed,
        after=number(request, "after"),
        before=number(request, "before"),
        by=asker(request),
    )
    here = reverse("files_search", args=[slug, found.name])

    def url(**place: int) -> str:
        given = {"q": typed, **({"folder": folder} if folder else {}), **place}
        return f"{here}?{urlencode(given)}"

    context = {
        "workspace": found.workspace,
        "drive": found,
        "folder": folder,
        "folder_url": found.url_of(folder),
        "crumbs": list(crumbs_to(found, folder)),
        "search_url": here,
        "whole_url": f"{here}?{urlencode({'q': typed})}",
        "typed": typed,
        "index": search.state(found, by=asker(request)),
        "rows": [_row(found, hit, hits) for hit in hits.hits],
        "is_cut": hits.is_cut,
        "next_url": url(after=hits.after) if hits.after else "",
        "previous_url": url(before=hits.before) if hits.before else "",
    }
    return page(request, "files/search.html", context, partials=PARTIALS)


def _row(drive: Drive, hit: search.Hit, found: search.Found) -> Row:
    return Row(
        hit=hit,
        url=drive.url_of(hit.key),
        folder_url=drive.url_of(hit.folder),
        pieces=search.marked(hit.name, found.wanted.parts),
    )
