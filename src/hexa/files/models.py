import uuid
from datetime import datetime
from typing import ClassVar, Literal, Self

from django.db import models
from django.urls import reverse

from hexa.accounts.models import User
from hexa.files.errors import DeletionGone, DriveNotFound, UploadGone
from hexa.foundation.actors import Actor, System
from hexa.foundation.errors import NotFound
from hexa.foundation.querysets import ScopedQuerySet
from hexa.workspaces.models import Role, Workspace
from hexakit import Address


class Provider(models.TextChoices):
    S3 = "s3", "S3"
    GCS = "gcs", "Google Cloud Storage"


class Access(models.TextChoices):
    """The most that this drive allows to anybody; roles may allow less."""

    WRITE = "write", "write"
    READ = "read", "read"


class DriveQuerySet(ScopedQuerySet["Drive"]):
    missing: ClassVar[type[NotFound]] = DriveNotFound

    def visible_to(self, actor: Actor) -> Self:
        """The drives of the actor's workspaces, with the actor's role as `role`."""
        if isinstance(actor, System):
            return self
        if not isinstance(actor, User) or not actor.is_active:
            return self.none()
        members = self.filter(
            workspace__is_ready=True, workspace__memberships__user=actor
        )
        return members.annotate(role=models.F("workspace__memberships__role"))

    def named(self, name: str) -> Self:
        """By the name users see: `s3:<bucket>`."""
        provider, _, bucket = name.partition(":")
        return self.filter(provider=provider, bucket=bucket)


class Drive(models.Model):
    """A bucket in the file explorer of a workspace."""

    # What `visible_to` adds.
    role: str

    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="drives"
    )
    provider = models.CharField(max_length=3, choices=Provider, default=Provider.S3)
    bucket = models.CharField(max_length=222)
    is_own = models.BooleanField(default=False)
    access = models.CharField(max_length=5, choices=Access, default=Access.WRITE)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DriveQuerySet.as_manager()

    class Meta:
        ordering = ("-is_own", "provider", "bucket")
        constraints = (
            models.UniqueConstraint(
                fields=["workspace", "provider", "bucket"],
                name="drive_once_per_workspace",
            ),
            models.UniqueConstraint(
                fields=["workspace"],
                condition=models.Q(is_own=True),
                name="one_own_drive_per_workspace",
            ),
            models.UniqueConstraint(
                fields=["provider", "bucket"],
                condition=models.Q(is_own=True),
                name="own_bucket_of_one_workspace",
            ),
            models.CheckConstraint(
                name="drive_provider_known",
                condition=models.Q(provider__in=Provider.values),
            ),
            models.CheckConstraint(
                name="drive_access_known", condition=models.Q(access__in=Access.values)
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return self.url_of("")

    @property
    def name(self) -> str:
        return f"{self.provider}:{self.bucket}"

    def url_of(self, key: str) -> str:
        """The page of a file, or of a folder when the key is empty or ends in "/"."""
        slug = self.workspace.slug
        if not key:
            return reverse("files_drive", args=[slug, self.name])
        return reverse("files_path", args=[slug, self.name, key])

    def address_of(self, key: str) -> Address:
        return Address(
            "gs" if self.provider == Provider.GCS else "s3", self.bucket, key
        )

    def access_for(self, actor: Actor) -> Literal["write", "read"] | None:
        """What the actor may do here; None: nothing at all."""
        role = self.__dict__.get("role") or self.workspace.role_of(actor)
        if role is None:
            return None
        may_write = role in {Role.EDITOR, Role.ADMIN} and self.access == Access.WRITE
        return "write" if may_write else "read"


class UploadQuerySet(ScopedQuerySet["Upload"]):
    missing: ClassVar[type[NotFound]] = UploadGone

    def visible_to(self, actor: Actor) -> Self:
        """Only who started an upload goes on with it."""
        if isinstance(actor, User) and actor.is_active:
            return self.filter(started_by=actor)
        return self.none()


class Upload(models.Model):
    """A file on its way from a browser to the store, in parts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    drive = models.ForeignKey(Drive, on_delete=models.CASCADE, related_name="uploads")
    key = models.CharField(max_length=1024)
    store_upload = models.CharField(max_length=1024)
    started_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    started_at = models.DateTimeField(auto_now_add=True)

    objects = UploadQuerySet.as_manager()

    def __str__(self) -> str:
        return self.key


class DeletionQuerySet(ScopedQuerySet["Deletion"]):
    missing: ClassVar[type[NotFound]] = DeletionGone

    def visible_to(self, actor: Actor) -> Self:
        if isinstance(actor, User) and actor.is_active:
            return self.filter(drive__workspace__memberships__user=actor)
        return self.none()


class Deletion(models.Model):
    """What one act of deleting hid, so that it can be brought back."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    drive = models.ForeignKey(Drive, on_delete=models.CASCADE, related_name="deletions")
    path = models.CharField(max_length=1024)
    # [[key, version of the marker that hides it], …]
    markers = models.JSONField()
    deleted_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    deleted_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True)

    objects = DeletionQuerySet.as_manager()

    def __str__(self) -> str:
        return self.path


class StoreSessionQuerySet(ScopedQuerySet["StoreSession"]):
    def shut_out(self, workspace: Workspace, *, now: datetime) -> Self:
        """Ended, while their credentials would still be good."""
        return self.filter(
            workspace=workspace, ended_at__isnull=False, expires_at__gt=now
        )


class StoreSession(models.Model):
    """Credentials handed out once; `name` is what the store knows them by.

    They cannot be taken back, but the buckets can be told to refuse them.
    """

    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="store_sessions"
    )
    # For whom: the name of a notebook session, later of a run.
    holder = models.CharField(max_length=64, db_index=True)
    name = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = StoreSessionQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name
