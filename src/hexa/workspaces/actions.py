"""What can be done to workspaces and their members."""

import logging
from collections.abc import Sequence

from django.db import IntegrityError, transaction

from hexa.accounts.models import User
from hexa.foundation import audit
from hexa.foundation.actors import Actor
from hexa.workspaces import errors, hooks, permissions
from hexa.workspaces.models import RESERVED_SLUGS, SLUG, Membership, Role, Workspace

log = logging.getLogger(__name__)


def create(
    *, name: str, slug: str, by: User, countries: Sequence[str] = ()
) -> Workspace:
    """Make the workspace with all it needs, or nothing at all.

    Raises BadSlug, SlugTaken or ProvisioningFailed. The row stays invisible
    (`is_ready`) until every provisioner has succeeded: storage and databases
    answer over the network, so this cannot be one transaction.
    """
    if not SLUG.fullmatch(slug) or not 3 <= len(slug) <= 40:
        raise errors.BadSlug
    if slug in RESERVED_SLUGS:
        raise errors.SlugTaken
    workspace = Workspace(
        name=name.strip(), slug=slug, countries=list(countries), created_by=by
    )
    try:
        with transaction.atomic():
            workspace.save(force_insert=True)
    except IntegrityError:
        raise errors.SlugTaken from None
    _provision(workspace)
    with transaction.atomic():
        Membership.objects.create(workspace=workspace, user=by, role=Role.ADMIN)
        workspace.is_ready = True
        workspace.save(update_fields=["is_ready"])
        audit.record("workspace.created", workspace.slug, by=by, workspace=slug)
    return workspace


@transaction.atomic
def change_settings(
    workspace: Workspace, *, name: str, countries: Sequence[str], by: Actor
) -> None:
    permissions.EDIT_SETTINGS.require(by, workspace)
    workspace.name = name.strip()
    workspace.countries = list(countries)
    workspace.save(update_fields=["name", "countries"])
    audit.record("workspace.changed", workspace.slug, by=by, workspace=workspace.slug)


@transaction.atomic
def write_home_page(
    workspace: Workspace, *, text: str, based_on: int, by: Actor
) -> None:
    """Save the Markdown. Raises HomePageChanged if somebody saved since `based_on`."""
    permissions.EDIT_HOME_PAGE.require(by, workspace)
    saved = Workspace.objects.filter(
        pk=workspace.pk, home_page_version=based_on
    ).update(home_page=text, home_page_version=based_on + 1)
    if not saved:
        raise errors.HomePageChanged
    audit.record("home_page.written", by=by, workspace=workspace.slug)


@transaction.atomic
def add_member(
    workspace: Workspace, *, person: User, role: str, by: Actor
) -> Membership:
    permissions.MANAGE_MEMBERS.require(by, workspace)
    membership, created = Membership.objects.get_or_create(
        workspace=workspace, user=person, defaults={"role": Role(role)}
    )
    if not created:
        raise errors.AlreadyMember
    _changed(membership, "member.added", role, by=by)
    return membership


@transaction.atomic
def change_role(membership: Membership, *, role: str, by: Actor) -> None:
    """Takes effect in running notebooks too, within a minute."""
    permissions.MANAGE_MEMBERS.require(by, membership.workspace)
    if role != Role.ADMIN:
        _require_another_admin(membership)
    membership.role = Role(role)
    membership.save(update_fields=["role"])
    _changed(membership, "member.role_changed", role, by=by)


@transaction.atomic
def remove_member(membership: Membership, *, by: Actor) -> None:
    """An admin removes anyone; everyone may leave."""
    if membership.user != by:
        permissions.MANAGE_MEMBERS.require(by, membership.workspace)
    _require_another_admin(membership)
    membership.delete()
    _changed(membership, "member.removed", None, by=by)


def _provision(workspace: Workspace) -> None:
    done: list[hooks.Provisioner] = []
    for provisioner in hooks.provisioners:
        done.append(provisioner)
        try:
            provisioner.provision(workspace)
        except Exception as error:
            # Whatever went wrong, nothing half-made may stay.
            _roll_back(workspace, done)
            raise errors.ProvisioningFailed from error


def _roll_back(workspace: Workspace, done: Sequence[hooks.Provisioner]) -> None:
    for provisioner in reversed(done):
        try:
            provisioner.deprovision(workspace)
        except Exception:
            log.exception("roll-back failed", extra={"workspace": workspace.slug})
    workspace.delete()


def _require_another_admin(membership: Membership) -> None:
    # Locked, so that two admins cannot step down at the same moment.
    admins = (
        Membership.objects.select_for_update()
        .filter(workspace=membership.workspace, role=Role.ADMIN)
        .values_list("user_id", flat=True)
    )
    if set(admins) == {membership.user_id}:
        raise errors.LastWorkspaceAdmin


def _changed(
    membership: Membership, action: str, role: str | None, *, by: Actor
) -> None:
    workspace, person = membership.workspace, membership.user
    audit.record(action, person.email, by=by, workspace=workspace.slug, role=role)
    for listener in hooks.on_role_changed:
        listener(workspace, person)
