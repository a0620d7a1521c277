"""Querysets that start from what an actor may see."""

from typing import Any, ClassVar, Self, TypeVar

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models

from hexa.foundation.actors import Actor
from hexa.foundation.errors import NotFound

M_co = TypeVar("M_co", bound=models.Model, covariant=True)


class ScopedQuerySet(models.QuerySet[M_co]):
    """In views every `.objects` is followed at once by `.visible_to(actor)`."""

    missing: ClassVar[type[NotFound]] = NotFound

    def visible_to(self, actor: Actor) -> Self:
        raise TypeError(f"{type(self).__name__} does not say what {actor} may see.")

    def find(self, **lookup: Any) -> M_co:
        """The one row; raises the context's NotFound, also for a malformed id."""
        try:
            return self.get(**lookup)
        except (ObjectDoesNotExist, ValidationError, ValueError):
            raise self.missing from None
