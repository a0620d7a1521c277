"""Reads shared by every page of the frame."""

from django.contrib.auth.models import AnonymousUser

from hexa.accounts.models import User
from hexa.ui.navigation import Place
from hexa.workspaces.models import Role, Workspace

#: The switcher lists so many; the page of all workspaces lists the rest.
MOST_PLACES = 30


def places_of(person: User | AnonymousUser, *, here: str) -> list[Place]:
    """The first workspaces by name, and the one the page stands in, in one query."""
    if not isinstance(person, User):
        return []
    mine = Workspace.objects.visible_to(person)
    rows = list(mine.order_by("name")[:MOST_PLACES])
    if here and all(row.slug != here for row in rows):
        rows += mine.filter(slug=here)
    return [
        Place(
            name=row.name,
            slug=row.slug,
            url=row.get_absolute_url(),
            detail=" · ".join(row.countries) or row.slug,
            is_managed=row.role == Role.ADMIN,
        )
        for row in rows
    ]
