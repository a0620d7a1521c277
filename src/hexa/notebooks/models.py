import secrets
import uuid
from typing import Self

from django.db import models
from django.utils import timezone

from hexa.accounts.models import User, digest
from hexa.foundation.actors import Actor, System
from hexa.foundation.querysets import ScopedQuerySet
from hexa.workspaces.models import Workspace


class Home(models.Model):
    """A person's private folder in the sessions of one workspace.

    Its number names the folder on disk and, where the platform runs as root, gives
    the sandbox a user id of its own: it is never used again for somebody else.
    """

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="homes")
    workspace = models.ForeignKey(
        Workspace, on_delete=models.PROTECT, related_name="homes"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["person", "workspace"], name="one_home_per_person"
            ),
        )

    def __str__(self) -> str:
        return f"home {self.pk}"


class SessionQuerySet(ScopedQuerySet["Session"]):
    def visible_to(self, actor: Actor) -> Self:
        if isinstance(actor, System):
            return self
        if not isinstance(actor, User):
            return self.none()
        return self.filter(home__person=actor)

    def running(self) -> Self:
        return self.filter(ended_at=None)

    def with_token(self, token: str) -> Self:
        """The session a token belongs to, with its people and workspace loaded."""
        return self.filter(token_hash=digest(token)).select_related(
            "home__person", "home__workspace"
        )


class Session(models.Model):
    """A running notebook server of one person in one workspace."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="sessions")
    token_hash = models.CharField(max_length=64, unique=True)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    # What its server said last: since when nothing runs in it, and when it said so.
    idle_since = models.DateTimeField(null=True, blank=True)
    reported_at = models.DateTimeField(null=True, blank=True)
    # When it will be stopped for that; Lab warns from the moment this is set.
    stops_at = models.DateTimeField(null=True, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ("-started_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["home"],
                condition=models.Q(ended_at=None),
                name="one_running_session_per_home",
            ),
        )

    def __str__(self) -> str:
        return f"session {self.pk}"

    @property
    def audit_name(self) -> str:
        return f"session:{self.pk}"

    @property
    def person(self) -> User:
        return self.home.person

    @property
    def workspace(self) -> Workspace:
        return self.home.workspace

    @property
    def store_name(self) -> str:
        """How the object store's log names this session: person first."""
        return f"{self.person.handle[:24]}-{self.pk.hex[:12]}"

    def renew_token(self) -> str:
        """A new token, unsaved; only its digest is kept."""
        token = f"hexa_ses_{secrets.token_urlsafe(32)}"
        self.token_hash = digest(token)
        return token
