"""What Ctrl-K finds. Contexts register a search; the site serves the answer as JSON.

{"groups": [{"name": "Files", "hits": [{"name", "detail", "icon", "url"}]}]}
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext

from hexa.ui import navigation
from hexa.ui.icons import Icon

LONGEST_QUERY = 200
MOST_HITS = 8  # per group: more are found by typing more


@dataclass(frozen=True, slots=True)
class Hit:
    name: str
    url: str
    icon: Icon
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    hits: Sequence[Hit]


Search = Callable[[HttpRequest, str], Group]
"""Hits for the words typed, fewest keystrokes first; the words may be empty."""

searches: list[Search] = []


def register(search: Search) -> None:
    searches.append(search)


def answer(request: HttpRequest) -> dict[str, Any]:
    """The JSON for `?q=<words>&here=<slug of the open workspace>`."""
    words = request.GET.get("q", "")[:LONGEST_QUERY].strip()
    groups = [search(request, words) for search in (pages, workspaces, *searches)]
    return {
        "groups": [
            {
                "name": group.name,
                "hits": [asdict(hit) for hit in group.hits[:MOST_HITS]],
            }
            for group in groups
            if group.hits
        ]
    }


def pages(request: HttpRequest, words: str) -> Group:
    slug = request.GET.get("here", "")
    place = next((p for p in _reachable(request) if p.slug == slug), None)
    hits = [
        Hit(link.name, link.url, link.icon)
        for link in navigation.account_links(request)
    ]
    if place:
        links = navigation.links(request, place)
        hits = [
            Hit(link.name, link.url, link.icon, place.name) for link in links
        ] + hits
    return Group(gettext("Pages"), [hit for hit in hits if matches(hit.name, words)])


def workspaces(request: HttpRequest, words: str) -> Group:
    hits = [
        Hit(place.name, place.url, Icon("hexagon"), place.detail)
        for place in _reachable(request)
        if matches(f"{place.name} {place.slug} {place.detail}", words)
    ]
    return Group(gettext("Workspaces"), hits)


def matches(text: str, words: str) -> bool:
    """Every word typed begins or lies inside the text, in any order."""
    folded = text.casefold()
    return all(word in folded for word in words.casefold().split())


def _reachable(request: HttpRequest) -> list[navigation.Place]:
    places = navigation.places(request)
    here = [places.here] if places.here else []
    return [*here, *(place for place in places.others if place not in here)]
