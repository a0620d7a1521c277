"""Which page of a folder is asked for, and in which order; all of it stands in the URL."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from django.http import HttpRequest, HttpResponse

from hexa.files import actions
from hexa.files.models import Drive
from hexa.files.queries import listing, sorting
from hexa.files.views.requests import asker
from hexa.foundation.afterwards import afterwards


@dataclass(frozen=True, slots=True)
class Listed:
    """`next` and `previous` are the query of other pages; None: there is none.

    `state` is the query of this one. By name, stores know no way back but to the first.
    """

    entries: Sequence[listing.Entry]
    state: dict[str, str]
    next: dict[str, str] | None
    previous: dict[str, str] | None
    # Asked for an order that the index cannot give yet: shown by name.
    is_too_early: bool = False
    heal: Callable[[], None] | None = None

    def heal_after(self, response: HttpResponse) -> None:
        """What the store has just shown mends the index, once the page is sent."""
        if self.heal:
            afterwards(response, self.heal)


def listed(request: HttpRequest, drive: Drive, folder: str) -> Listed:
    """Raises Outage."""
    text = request.GET.get("sort", "")
    order = sorting.Order.asked(text)
    if order is None or not sorting.is_possible(drive):
        return _by_name(request, drive, folder, is_too_early=order is not None)
    after, before = number(request, "after"), number(request, "before")
    found = sorting.folder(
        drive, folder, order, after=after, before=before, by=asker(request)
    )
    sort, here = {"sort": text}, {"after": after, "before": before}
    return Listed(
        entries=found.entries,
        state=sort | {name: str(at) for name, at in here.items() if at},
        next=sort | {"after": str(found.after)} if found.after else None,
        previous=sort | {"before": str(found.before)} if found.before else None,
    )


def number(request: HttpRequest, name: str) -> int:
    """A place in the index; 0 where none, or nonsense, is given."""
    given = request.GET.get(name, "")
    return (
        int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else 0
    )


def _by_name(
    request: HttpRequest, drive: Drive, folder: str, *, is_too_early: bool
) -> Listed:
    after = "" if is_too_early else request.GET.get("after", "")
    by = asker(request)
    found = listing.folder(drive, folder, after=after, by=by)
    return Listed(
        entries=found.entries,
        state={"after": after} if after else {},
        next={"after": found.after} if found.after else None,
        previous={} if after else None,
        is_too_early=is_too_early,
        heal=partial(actions.compare, drive, folder, found, is_first=not after, by=by),
    )
