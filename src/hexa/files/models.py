from typing import ClassVar, Self

from django.db import models
from django.urls import reverse

from hexa.accounts.models import User
from hexa.files.errors import DriveNotFound
from hexa.foundation.actors import Actor, System
from hexa.foundation.errors import NotFound
from hexa.foundation.querysets import ScopedQuerySet
from hexa.workspaces.models import Role, Workspace


class Provider(models.TextChoices):
    S3 = "s3", "S3"
    GCS = "gcs", "Google Cloud Storage"


class DriveQuerySet(ScopedQuerySet["Drive"]):
    missing: ClassVar[type[NotFound]] = DriveNotFound

    def visible_to(self, actor: Actor) -> Self:
        """The drives of the workspaces an actor is a member of."""
        if isinstance(actor, System):
            return self
        if not isinstance(actor, User) or not actor.is_active:
            return self.none()
        return self.filter(
            workspace__is_ready=True, workspace__memberships__user=actor
        )


class Drive(models.Model):
    """A bucket as people see it: a folder named `s3:<bucket>` or `gcs:<bucket>`."""

    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="drives"
    )
    provider = models.CharField(max_length=3, choices=Provider, default=Provider.S3)
    bucket = models.CharField(max_length=63)
    is_own = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DriveQuerySet.as_manager()

    class Meta:
        ordering = ("-is_own", "bucket")
        constraints = (
            models.UniqueConstraint(
                fields=["workspace", "provider", "bucket"], name="one_drive_per_bucket"
            ),
            models.UniqueConstraint(
                fields=["workspace"],
                condition=models.Q(is_own=True),
                name="one_own_bucket_per_workspace",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return f"{self.provider}:{self.bucket}"

    def get_absolute_url(self) -> str:
        return reverse("drive", args=[self.workspace.slug, self.name])

    def access_for(self, actor: Actor) -> str:
        """What the actor's role allows now: "write", "read" or "none"."""
        role = self.workspace.role_of(actor)
        if role in (Role.EDITOR, Role.ADMIN):
            return "write"
        return "read" if role == Role.VIEWER else "none"


class Ticket(models.Model):
    """Credentials the store gave out: what is needed to end them early.

    Never the credentials themselves. `session` is the name the store knows them by.
    """

    drive = models.ForeignKey(Drive, on_delete=models.CASCADE, related_name="tickets")
    session = models.CharField(max_length=64)
    holder = models.CharField(max_length=64)
    can_write = models.BooleanField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=["drive", "holder"]),
            models.Index(fields=["expires_at"]),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["drive", "session"], name="one_ticket_per_drive_and_session"
            ),
        )

    def __str__(self) -> str:
        return self.session
