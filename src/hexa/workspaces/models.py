import re
import uuid
from typing import ClassVar, Self

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from hexa.accounts.models import User
from hexa.foundation.actors import Actor, System
from hexa.foundation.errors import NotFound
from hexa.foundation.querysets import ScopedQuerySet
from hexa.workspaces.errors import MembershipNotFound, WorkspaceNotFound

#: Also the name of buckets, databases and notebook servers: the strictest rule of all.
SLUG = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
#: Words that stand in the same place of an address, and a bucket of the platform itself.
RESERVED_SLUGS = frozenset({"create", "credentials", "hexa-witness"})


class Role(models.TextChoices):
    VIEWER = "viewer", _("Viewer")
    EDITOR = "editor", _("Editor")
    ADMIN = "admin", _("Admin")


class WorkspaceQuerySet(ScopedQuerySet["Workspace"]):
    missing: ClassVar[type[NotFound]] = WorkspaceNotFound

    def visible_to(self, actor: Actor) -> Self:
        """The workspaces an actor is a member of, with their role as `role`."""
        if isinstance(actor, System):
            return self
        if not isinstance(actor, User) or not actor.is_active:
            return self.none()
        return self.filter(is_ready=True, memberships__user=actor).annotate(
            role=models.F("memberships__role"),
            role_holder=models.Value(actor.pk, output_field=models.UUIDField()),
        )


class Workspace(models.Model):
    """A team's room: its members, bucket, database and notebooks."""

    # What `visible_to` adds: the role of the actor it was asked for.
    role: str
    role_holder: uuid.UUID

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(_("address"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100)
    countries = models.JSONField(_("countries"), default=list)
    home_page = models.TextField(_("home page"), blank=True)
    home_page_version = models.PositiveIntegerField(default=0)
    is_ready = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                name="workspace_slug_form",
                condition=models.Q(slug__regex=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"),
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("workspace", args=[self.slug])

    @property
    def role_name(self) -> str:
        """The role of the actor `visible_to` was asked for, in words."""
        return str(Role(self.role).label)

    def remember_role(self, role: str, *, of: User) -> None:
        """What a query of something in the workspace has found out already."""
        self.__dict__ |= {"role": role, "role_holder": of.pk}

    def role_of(self, actor: Actor) -> str | None:
        """The actor's role, from `visible_to` when the row came from there."""
        if not isinstance(actor, User) or not actor.is_active:
            return None
        if self.__dict__.get("role_holder") == actor.pk:
            return self.role
        membership = self.memberships.filter(user=actor).first()
        return membership.role if membership else None


class MembershipQuerySet(ScopedQuerySet["Membership"]):
    missing: ClassVar[type[NotFound]] = MembershipNotFound

    def visible_to(self, actor: Actor) -> Self:
        if isinstance(actor, System):
            return self
        if not isinstance(actor, User) or not actor.is_active:
            return self.none()
        return self.filter(workspace__memberships__user=actor)


class Membership(models.Model):
    """A person's role in a workspace."""

    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="memberships"
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=Role)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ("user__name",)
        constraints = (
            models.UniqueConstraint(
                fields=["workspace", "user"], name="one_membership_per_person"
            ),
            models.CheckConstraint(
                name="membership_role_known", condition=models.Q(role__in=Role.values)
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} · {self.role}"
