import uuid
from datetime import datetime
from functools import cached_property
from typing import ClassVar, Literal, Self
from urllib.parse import quote

from django.db import models
from django.db.models import functions
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hexa.accounts.models import User
from hexa.files.errors import ChangeGone, DriveNotFound, UploadGone
from hexa.files.index import DriveIndex, FeedPosition, IndexEntry  # noqa: F401 # Django looks for tables here
from hexa.foundation.actors import Actor, System
from hexa.foundation.errors import NotFound
from hexa.foundation.querysets import ScopedQuerySet
from hexa.foundation.vault import SealedField
from hexa.workspaces.models import Role, Workspace
from hexakit import Address
from hexakit.addresses import drive_name, drive_of

# As `reverse` quotes, which would cost half of what a row of a listing may.
_SAFE_IN_PATHS = "!$&'()*+,;=/~:@"


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
            return self.select_related("connected")
        if not isinstance(actor, User) or not actor.is_active:
            return self.none()
        members = self.filter(
            workspace__is_ready=True, workspace__memberships__user=actor
        )
        return members.select_related("connected").annotate(
            role=models.F("workspace__memberships__role")
        )

    def named(self, name: str) -> Self:
        """By the name users see: `s3:<bucket>`, or `s3:<bucket>~<folder>`."""
        provider, bucket, prefix = drive_of(name)
        return self.filter(provider=provider, bucket=bucket, prefix=prefix)

    def holding(self, address: Address) -> Self:
        """Those that an object with this address lies in, the innermost first."""
        provider = Provider.GCS if address.scheme == "gs" else Provider.S3
        return (
            self.filter(provider=provider, bucket=address.bucket)
            .alias(key=models.Value(address.key))
            .filter(key__startswith=models.F("prefix"))
            .order_by(functions.Length("prefix").desc())
        )


class Drive(models.Model):
    """A bucket, or a folder of one, in the file explorer of a workspace.

    Keys are relative to `prefix`, which is empty or ends in "/"; an address is not.
    """

    # What `visible_to` adds.
    role: str

    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="drives"
    )
    provider = models.CharField(max_length=3, choices=Provider, default=Provider.S3)
    bucket = models.CharField(max_length=222)
    prefix = models.CharField(max_length=900, blank=True, default="")
    is_own = models.BooleanField(default=False)
    access = models.CharField(max_length=5, choices=Access, default=Access.WRITE)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DriveQuerySet.as_manager()

    class Meta:
        ordering = ("-is_own", "provider", "bucket", "prefix")
        constraints = (
            models.UniqueConstraint(
                fields=["workspace", "provider", "bucket", "prefix"],
                name="drive_once_per_workspace",
            ),
            models.CheckConstraint(
                name="own_drive_is_a_whole_bucket",
                condition=models.Q(is_own=False) | models.Q(prefix=""),
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
        return drive_name(self.provider, self.bucket, self.prefix)

    def url_of(self, key: str) -> str:
        """The page of a file, or of a folder when the key is empty or ends in "/"."""
        return self._url + quote(key, safe=_SAFE_IN_PATHS)

    @cached_property
    def _url(self) -> str:
        """Asked once: a page of a folder links to fifty keys below it."""
        return reverse("files_drive", args=[self.workspace.slug, self.name])

    def address_of(self, key: str) -> Address:
        scheme: Literal["gs", "s3"] = "gs" if self.provider == Provider.GCS else "s3"
        return Address(scheme, self.bucket, self.prefix + key)

    def key_of(self, address: Address) -> str:
        """What the drive calls an object in it."""
        return address.key.removeprefix(self.prefix)

    def access_for(self, actor: Actor) -> Literal["write", "read"] | None:
        """What the actor may do here; None: nothing at all."""
        role = self.__dict__.get("role") or self.workspace.role_of(actor)
        if role is None:
            return None
        may_write = role in {Role.EDITOR, Role.ADMIN} and self.access == Access.WRITE
        return "write" if may_write else "read"


class BucketState(models.TextChoices):
    """How a connected bucket was, when it was last asked."""

    UNKNOWN = "unknown", _("not checked yet")
    WORKING = "working", _("works")
    REFUSED = "refused", _("The store refuses the key. It may have been revoked.")
    FORBIDDEN = "forbidden", _("The key may not list this bucket.")
    READ_ONLY = "read-only", _("The key may read but not write.")
    NO_BUCKET = "no-bucket", _("There is no such bucket at this store.")
    REGION = "region", _("The bucket lies in another region.")
    CLOCK = "clock", _("The clocks of the platform and the store differ too much.")
    UNTRUSTED = "untrusted", _("The store's certificate is not trusted.")
    UNREACHABLE = "unreachable", _("The store does not answer.")
    NOT_ALLOWED = "not-allowed", _("The operator does not allow this endpoint.")
    LOCKED = (
        "locked",
        _("The key ring of the platform lacks the key it is sealed with."),
    )
    FAILED = "failed", _("The store answered with an error.")


class ConnectedBucket(models.Model):
    """How the platform reaches a bucket that is kept somewhere else.

    `credentials` is JSON, sealed, and leaves the server for the bucket's store alone:
    of S3 {"access_key_id", "secret_access_key"}, of Google {"service_account_key",
    "user_project"}.
    """

    PURPOSE = "files.bucket"

    drive = models.OneToOneField(
        Drive, on_delete=models.CASCADE, primary_key=True, related_name="connected"
    )
    # Empty: the provider's own, in this region.
    endpoint = models.CharField(max_length=400, blank=True)
    region = models.CharField(max_length=60, blank=True)
    is_path_style = models.BooleanField(default=False)
    # Certificates in PEM, beside those the system trusts.
    authority = models.TextField(blank=True)
    pays_requests = models.BooleanField(default=False)
    # Assumed by the key, where the store has roles.
    role_arn = models.CharField(max_length=2048, blank=True)
    credentials = SealedField(purpose=PURPOSE)
    # Grows with every change: what was made from an older one is thrown away.
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(
        max_length=12, choices=BucketState, default=BucketState.UNKNOWN
    )
    detail = models.CharField(max_length=400, blank=True)
    checked_at = models.DateTimeField(null=True)
    connected_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="bucket_state_known",
                condition=models.Q(state__in=BucketState.values),
            ),
        )

    def __str__(self) -> str:
        return f"connected {self.drive}"

    @property
    def is_broken(self) -> bool:
        return self.state not in {BucketState.UNKNOWN, BucketState.WORKING}


_SHOWN_UNFINISHED = 20


class UploadQuerySet(ScopedQuerySet["Upload"]):
    missing: ClassVar[type[NotFound]] = UploadGone

    def visible_to(self, actor: Actor) -> Self:
        """Only who started an upload goes on with it."""
        if isinstance(actor, System):
            return self
        if isinstance(actor, User) and actor.is_active:
            return self.filter(started_by=actor)
        return self.none()

    def unfinished(self) -> Self:
        return self.filter(finished_at=None)

    def resumable(self, drive: Drive) -> Self:
        """The latest in a drive, as many as a page shows."""
        known = self.unfinished().filter(drive=drive, part_bytes__gt=0)
        return known[:_SHOWN_UNFINISHED]


class Upload(models.Model):
    """A file on its way from a browser to the store, in parts.

    The store holds the parts. This row outlives the page that sends them: what it says
    of the file on the person's disk finds the upload again, days later.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    drive = models.ForeignKey(Drive, on_delete=models.CASCADE, related_name="uploads")
    key = models.CharField(max_length=1024)
    # The key that was asked for; another where both files were to be kept.
    wanted_key = models.CharField(max_length=1024, blank=True)
    store_upload = models.CharField(max_length=1024)
    size_bytes = models.BigIntegerField(default=0)
    # As the browser tells it; nothing but a mark of which file it was.
    modified_ms = models.BigIntegerField(default=0)
    part_bytes = models.BigIntegerField(default=0)
    # The etag of what may be replaced; empty: nothing may.
    replaces = models.CharField(max_length=200, blank=True)
    # What the browser last said had arrived, for people to read.
    sent_bytes = models.BigIntegerField(default=0)
    started_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    started_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(default=timezone.now, db_index=True)
    # Kept for a while: who did not hear that it is done asks again.
    finished_at = models.DateTimeField(null=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ("-started_at",)
        indexes = (models.Index(fields=["drive", "started_by", "wanted_key"]),)

    def __str__(self) -> str:
        return self.key

    @property
    def name(self) -> str:
        return self.key.rpartition("/")[2]

    @property
    def folder(self) -> str:
        return self.key[: self.key.rfind("/") + 1]


class ChangeKind(models.TextChoices):
    MOVE = "move", "move"
    COPY = "copy", "copy"
    DELETE = "delete", "delete"
    UNDO = "undo", "undo"


class ChangeState(models.TextChoices):
    """WAITING and RUNNING are open; the others are ends."""

    WAITING = "waiting", "waiting"
    RUNNING = "running", "running"
    DONE = "done", "done"
    STOPPED = "stopped", "stopped"
    FAILED = "failed", "failed"


OPEN_STATES = (ChangeState.WAITING, ChangeState.RUNNING)


class ChangeQuerySet(ScopedQuerySet["Change"]):
    missing: ClassVar[type[NotFound]] = ChangeGone

    def visible_to(self, actor: Actor) -> Self:
        if isinstance(actor, User) and actor.is_active:
            return self.filter(drive__workspace__memberships__user=actor)
        return self.none()

    def open(self) -> Self:
        return self.filter(state__in=OPEN_STATES)

    def of_interest_to(self, person: User, *, since: datetime) -> Self:
        """What the person is told of: the large ones, until they have seen the end."""
        recent = models.Q(state__in=OPEN_STATES) | models.Q(
            ended_at__gte=since, seen_at=None
        )
        return self.filter(recent, started_by=person, is_small=False)


class Change(models.Model):
    """What one act did to files: moved, copied or deleted them, or undid that.

    Each of its chunks is written down before it is done, so that a change goes on
    after whoever worked on it has died, and can be undone chunk by chunk.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    drive = models.ForeignKey(Drive, on_delete=models.CASCADE, related_name="changes")
    target_drive = models.ForeignKey(
        Drive, null=True, on_delete=models.CASCADE, related_name="+"
    )
    kind = models.CharField(max_length=6, choices=ChangeKind)
    state = models.CharField(
        max_length=7, choices=ChangeState, default=ChangeState.WAITING
    )
    # What stands at the targets was looked at, and may be replaced.
    may_replace = models.BooleanField(default=False)
    undoes = models.OneToOneField(
        "self", null=True, on_delete=models.CASCADE, related_name="undone_by"
    )
    # Small ones are over before the page answers.
    is_small = models.BooleanField(default=True)
    # Objects: found in all (None: not counted yet), changed, and left as they were.
    found = models.BigIntegerField(null=True)
    done = models.BigIntegerField(default=0)
    left = models.BigIntegerField(default=0)
    # The code of what keeps it from going on, or made it fail.
    problem = models.CharField(max_length=80, blank=True)
    started_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    started_at = models.DateTimeField(auto_now_add=True)
    stop_asked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        ordering = ("-started_at",)
        indexes = (
            models.Index(fields=["drive", "-started_at"]),
            models.Index(
                fields=["state"],
                condition=models.Q(state__in=["waiting", "running"]),
                name="changes_open",
            ),
        )
        constraints = (
            models.CheckConstraint(
                name="change_kind_known",
                condition=models.Q(kind__in=ChangeKind.values),
            ),
            models.CheckConstraint(
                name="change_state_known",
                condition=models.Q(state__in=ChangeState.values),
            ),
            models.CheckConstraint(
                name="change_undoes_or_not",
                condition=models.Q(kind="undo") ^ models.Q(undoes=None),
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES


class ChangedPath(models.Model):
    """A file, or with a key ending in "/" a folder, that a change was asked for."""

    change = models.ForeignKey(Change, on_delete=models.CASCADE, related_name="paths")
    source = models.CharField(max_length=1024)
    # Where it goes; empty for a deletion.
    target = models.CharField(max_length=1024, blank=True, db_index=True)
    # Up to where the folder is done: what the store continues its listing from.
    reached = models.TextField(blank=True)
    is_done = models.BooleanField(default=False)

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=["source"]),)

    def __str__(self) -> str:
        return self.source

    @property
    def name(self) -> str:
        return self.source.removesuffix("/").rpartition("/")[2]


class ChangedChunk(models.Model):
    """Up to some hundreds of objects of a change. Written before they are touched."""

    path = models.ForeignKey(
        ChangedPath, on_delete=models.CASCADE, related_name="chunks"
    )
    # A list of what `actions.chunks.Entry` says.
    entries = models.JSONField()
    # What the path has reached after it; None: its end.
    reaches = models.TextField(null=True)  # noqa: DJ001 # empty is the beginning
    is_done = models.BooleanField(default=False)
    is_undone = models.BooleanField(default=False)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{len(self.entries)} of {self.path}"


class StoreSessionQuerySet(ScopedQuerySet["StoreSession"]):
    def shut_out(self, workspace: Workspace, *, now: datetime) -> Self:
        """Ended, while their credentials would still be good."""
        return self.filter(
            workspace=workspace, ended_at__isnull=False, expires_at__gt=now
        )


class StoreSession(models.Model):
    """Credentials handed out once; `name` is what the store knows them by.

    They cannot be taken back, but the buckets can be told to refuse them. The gateway
    verifies by `secret` what is signed with them, and asks what `reader` may do now.
    """

    PURPOSE = "files.session"

    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="store_sessions"
    )
    # For whom: the name of a notebook session, later of a run.
    holder = models.CharField(max_length=64, db_index=True)
    name = models.CharField(max_length=64, unique=True)
    reader = models.ForeignKey(
        User, null=True, on_delete=models.CASCADE, related_name="+"
    )
    access_key_id = models.CharField(max_length=128, blank=True, db_index=True)
    secret = SealedField(purpose=PURPOSE, blank=True)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = StoreSessionQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name
