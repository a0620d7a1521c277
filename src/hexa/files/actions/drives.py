"""Buckets of workspaces, and credentials to exactly what a person may reach."""

import secrets
from datetime import datetime, timedelta
from typing import Literal

from django.db import transaction
from django.utils import timezone

from hexa.accounts.models import User
from hexa.backends.storage.errors import BucketExists
from hexa.backends.storage.store import Credentials, Grant
from hexa.files import permissions
from hexa.files.actions.objects import require_writable
from hexa.files.errors import DriveNotFound
from hexa.files.models import Drive, StoreSession
from hexa.files.queries.store import own_store, store_of
from hexa.foundation import audit, queue, vault
from hexa.foundation.actors import System
from hexa.foundation.errors import PermissionDenied
from hexa.workspaces.models import Workspace
from hexakit import Address

StoreCredentials = Credentials

_PLATFORM = System("files")
# The store's shortest; and what its clock may differ from ours.
_SHORTEST = timedelta(minutes=15)
_SLACK = timedelta(minutes=1)
_LINK_LIFE = timedelta(minutes=1)
_KEPT_AFTER_END = timedelta(days=1)


class BucketProvisioner:
    def provision(self, workspace: Workspace) -> None:
        # The row first: only a bucket that has one may be deleted by a roll-back, so
        # that one which was there before us is never touched.
        drive, is_new = Drive.objects.get_or_create(
            workspace=workspace, is_own=True, defaults={"bucket": workspace.slug}
        )
        try:
            store_of(drive).create_bucket(drive.bucket)
        except BucketExists:
            if is_new:
                drive.delete()
                raise
        queue.defer("files.sweep", drive_id=drive.pk)

    def deprovision(self, workspace: Workspace) -> None:
        for drive in Drive.objects.filter(workspace=workspace, is_own=True):
            store_of(drive).delete_bucket(drive.bucket)
            drive.delete()


def own_bucket(workspace: Workspace) -> str:
    return Drive.objects.get(workspace=workspace, is_own=True).bucket


def mint(
    workspace: Workspace, *, reader: User, session_name: str, lifetime: timedelta
) -> StoreCredentials:
    """Credentials for exactly the rights that `reader` has in our own store now.

    Raises PermissionDenied when there are none, Outage when the store gives none.
    """
    now = timezone.now()
    name = f"{session_name[:40]}.{secrets.token_hex(6)}"
    # Noted before the role is read: a role that changes from here on finds the note
    # and ends it (`revoke`), one that changed before is what we read.
    noted = StoreSession.objects.create(
        workspace=workspace,
        reader=reader,
        holder=session_name,
        name=name,
        expires_at=now + max(lifetime, _SHORTEST) + _SLACK,
    )
    drives = Drive.objects.visible_to(reader).filter(workspace=workspace, is_own=True)
    grants = [
        Grant(drive.bucket, write=drive.access_for(reader) == "write")
        for drive in drives
    ]
    if not grants:
        raise PermissionDenied
    minted = own_store().mint(grants, session=name, lifetime=lifetime)
    with transaction.atomic():
        # So that the gateway, too, knows who signed.
        noted.access_key_id = minted.access_key_id
        noted.secret = vault.seal(
            minted.secret_access_key, purpose=StoreSession.PURPOSE
        )
        noted.save(update_fields=["access_key_id", "secret"])
    return minted


def revoke(workspace: Workspace, *, session_name: str) -> None:
    """Every credential given to this holder stops working, within a second.

    What is minted afterwards works. Raises Outage; may be repeated.
    """
    now = timezone.now()
    given = StoreSession.objects.filter(
        workspace=workspace, holder=session_name, ended_at=None, expires_at__gt=now
    )
    given.update(ended_at=now)
    for drive in Drive.objects.filter(workspace=workspace, is_own=True):
        _shut_out(drive)
    audit.record("credentials.revoked", by=_PLATFORM, workspace=workspace.slug)


def forget_ended(*, now: datetime) -> int:
    """Credentials that ended a day ago, with their sealed secrets; how many."""
    stale = StoreSession.objects.filter(expires_at__lt=now - _KEPT_AFTER_END)
    count, _ = stale.delete()
    return count


def _shut_out(drive: Drive) -> None:
    """Without a lock: whoever writes last looks again, and finds all there is."""
    written: set[str] | None = None
    while (wanted := _shut_out_names(drive)) != written:
        store_of(drive).shut_out(drive.bucket, wanted)
        written = wanted


def _shut_out_names(drive: Drive) -> set[str]:
    ended = StoreSession.objects.shut_out(drive.workspace, now=timezone.now())
    return set(ended.values_list("name", flat=True))


def link(
    workspace: Workspace,
    *,
    reader: User,
    address: Address,
    method: Literal["GET", "PUT"],
) -> tuple[str, datetime]:
    """A URL for one object, for programs on this machine, and when it ends.

    Raises DriveNotFound, ReadOnlyDrive or PermissionDenied.
    """
    drives = Drive.objects.visible_to(reader).holding(address)
    drive = drives.filter(workspace=workspace).select_related("workspace").first()
    if drive is None:
        raise DriveNotFound
    key = drive.key_of(address)
    ends_at = timezone.now() + _LINK_LIFE
    if method == "PUT":
        require_writable(drive, by=reader)
        url = store_of(drive).link_to_put(
            drive.bucket, key, lifetime=_LINK_LIFE, is_inside=True
        )
    else:
        permissions.VIEW_FILES.require(reader, workspace)
        url = store_of(drive).link_to_get(
            drive.bucket, key, lifetime=_LINK_LIFE, is_inside=True
        )
    return url, ends_at
