"""What the frame around every page lists, told by the contexts that stand above.

In a context's `AppConfig.ready()`:

    navigation.register(Entry(name, Icon("folder"), "files:browse", order=20))
    navigation.register_account(Entry(name, Icon("key-round"), "password", order=10))
    navigation.register_places(places_of)  # once, by workspaces

What is not registered is not shown.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from hexa.ui.icons import Icon

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Place:
    """A workspace, as the switcher shows it; `is_managed` by the person who asks."""

    name: str
    slug: str
    url: str
    detail: str = ""
    is_managed: bool = False


@dataclass(frozen=True, slots=True)
class Places:
    """Where the person is, where else they may go, and where a new one is made."""

    here: Place | None = None
    others: Sequence[Place] = ()
    new_url: str = ""
    all_url: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something alive behind an entry: a dot, or a count when there is one."""

    name: Text
    count: int | None = None


def always(_request: HttpRequest, _place: Place | None) -> bool:
    return True


def nothing(_request: HttpRequest, _place: Place | None) -> Mark | None:
    return None


@dataclass(frozen=True, slots=True)
class Entry:
    """`url_name` is reversed with the slug of the current place, or, for an entry of
    the account menu, with nothing. `key` is what follows `g` on the keyboard."""

    name: Text
    icon: Icon
    url_name: str
    order: int
    key: str = ""
    is_shown: Callable[[HttpRequest, Place | None], bool] = always
    mark: Callable[[HttpRequest, Place | None], Mark | None] = nothing


@dataclass(frozen=True, slots=True)
class Link:
    name: str
    icon: Icon
    url: str
    key: str = ""
    mark: Mark | None = None
    is_current: bool = False


def nowhere(_request: HttpRequest) -> Places:
    return Places()


@dataclass(slots=True)
class Registry:
    entries: list[Entry] = field(default_factory=list)
    account: list[Entry] = field(default_factory=list)
    places: Callable[[HttpRequest], Places] = nowhere


registry = Registry()


def register(entry: Entry) -> None:
    registry.entries.append(entry)


def register_account(entry: Entry) -> None:
    registry.account.append(entry)


def register_places(places: Callable[[HttpRequest], Places]) -> None:
    registry.places = places


def places(request: HttpRequest) -> Places:
    return registry.places(request)


def links(request: HttpRequest, place: Place) -> list[Link]:
    """The entries of a place; the one whose address is the longest start of the
    requested path is the current one."""
    shown = _shown(registry.entries, request, place)
    urls = [reverse(entry.url_name, args=[place.slug]) for entry in shown]
    current = max(
        (url for url in urls if request.path.startswith(url)), key=len, default=None
    )
    return [
        _link(entry, url, request, place, is_current=url == current)
        for entry, url in zip(shown, urls, strict=True)
    ]


def account_links(request: HttpRequest) -> list[Link]:
    shown = _shown(registry.account, request, None)
    urls = [reverse(entry.url_name) for entry in shown]
    return [
        _link(entry, url, request, None, is_current=url == request.path)
        for entry, url in zip(shown, urls, strict=True)
    ]


def _shown(
    entries: Sequence[Entry], request: HttpRequest, place: Place | None
) -> list[Entry]:
    ordered = sorted(entries, key=lambda entry: entry.order)
    return [entry for entry in ordered if entry.is_shown(request, place)]


def _link(
    entry: Entry,
    url: str,
    request: HttpRequest,
    place: Place | None,
    *,
    is_current: bool,
) -> Link:
    return Link(
        name=str(entry.name),
        icon=entry.icon,
        url=url,
        key=entry.key,
        mark=entry.mark(request, place),
        is_current=is_current,
    )
