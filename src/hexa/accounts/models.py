import secrets
import uuid
from datetime import timedelta
from hashlib import sha256
from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from hexa.accounts.errors import PersonNotFound
from hexa.foundation.actors import Actor
from hexa.foundation.errors import NotFound
from hexa.foundation.querysets import ScopedQuerySet


class UserQuerySet(ScopedQuerySet["User"]):
    missing: ClassVar[type[NotFound]] = PersonNotFound

    def visible_to(self, actor: Actor) -> Self:  # noqa: ARG002
        """Everyone signed in may look a colleague up; the deactivated are gone."""
        return self.filter(is_active=True)

    def with_email(self, email: str) -> Self:
        return self.filter(email=normalised(email))


class UserManager(BaseUserManager["User"]):
    """What `django.contrib.auth` expects, over our queryset."""

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def visible_to(self, actor: Actor) -> UserQuerySet:
        return self.get_queryset().visible_to(actor)

    def with_email(self, email: str) -> UserQuerySet:
        return self.get_queryset().with_email(email)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=normalised(username or ""))


class Language(models.TextChoices):
    ENGLISH = "en", "English"
    FRENCH = "fr", "Français"


class User(AbstractBaseUser):
    """A person who signs in. `handle` names them in notebook addresses, for ever."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    handle = models.SlugField(max_length=40, unique=True)
    # Empty until the person's browser or the person has told.
    language = models.CharField(
        _("language"), max_length=5, choices=Language, blank=True, default=""
    )
    is_active = models.BooleanField(default=True)
    is_admin = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def audit_name(self) -> str:
        return f"person:{self.handle}"

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()

    @property
    def speaks(self) -> str:
        """The language to use where no request tells."""
        return self.language or Language.ENGLISH

    def get_full_name(self) -> str:
        return self.name


class SetupLink(models.Model):
    """The one-time link by which the first administrator names themself."""

    LIFETIME: ClassVar[timedelta] = timedelta(days=2)

    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"set-up link of {self.created_at:%Y-%m-%d}"

    @classmethod
    def issue(cls) -> tuple[Self, str]:
        """An unsaved link and its token, which is never stored in clear."""
        token = f"hexa_set_{secrets.token_urlsafe(24)}"
        return cls(token_hash=digest(token)), token

    @property
    def is_valid(self) -> bool:
        return timezone.now() - self.created_at < self.LIFETIME


def digest(token: str) -> str:
    """SHA-256 in hex; tokens are long and random, so no salt is needed."""
    return sha256(token.encode()).hexdigest()


def normalised(email: str) -> str:
    return email.strip().lower()


def handle_for(email: str) -> str:
    """A handle made of the e-mail's local part, free at this moment."""
    stem = slugify(email.split("@", maxsplit=1)[0].replace(".", "-").replace("_", "-"))[
        :30
    ]
    stem = stem or "person"
    taken = set(
        User.objects.filter(handle__startswith=stem).values_list("handle", flat=True)
    )
    if stem not in taken:
        return stem
    return next(f"{stem}-{n}" for n in range(2, 10**6) if f"{stem}-{n}" not in taken)
