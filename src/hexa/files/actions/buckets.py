"""Buckets that a team already has elsewhere: connected, changed, checked, let go."""

import json

from django.db import IntegrityError, transaction
from django.utils import timezone

from hexa.accounts.models import User
from hexa.files import errors, permissions
from hexa.files.models import BucketState, ConnectedBucket, Drive
from hexa.files.queries.examining import Examination, examine, state_of
from hexa.files.queries.google import GooglePlace, require_key
from hexa.files.queries.store import AnyPlace, place_of
from hexa.foundation import audit, vault
from hexa.foundation.actors import Actor
from hexa.foundation.errors import Outage, Refusal
from hexa.foundation.keyring import KeyMissing
from hexa.workspaces.models import Workspace


def try_out(workspace: Workspace, place: AnyPlace, *, by: Actor) -> Examination:
    """What would be, were it connected like this. Nothing is kept."""
    permissions.MANAGE_DRIVES.require(by, workspace)
    return examine(place)


def connect(workspace: Workspace, place: AnyPlace, *, by: User) -> Drive:
    """The bucket, or its folder, becomes a drive.

    Raises DriveExists, BucketTwice or, for Google, NoServiceAccountKey.
    """
    permissions.MANAGE_DRIVES.require(by, workspace)
    if isinstance(place, GooglePlace):
        require_key(place)
    found = examine(place)
    with transaction.atomic():
        _refuse_twice(workspace, place, except_id=0)
        try:
            with transaction.atomic():
                drive = Drive.objects.create(
                    workspace=workspace,
                    provider=place.provider,
                    bucket=place.bucket,
                    prefix=place.prefix,
                    access=place.access,
                )
        except IntegrityError:
            raise errors.DriveExists from None
        ConnectedBucket.objects.create(
            drive=drive,
            **place.facts,
            credentials=_sealed(place),
            connected_by=by,
            **_noted(found),
        )
        _record("bucket.connected", drive, by=by)
    return drive


def change(drive: Drive, place: AnyPlace, *, by: User) -> None:
    """Everything but which bucket and folder it is, by which it is known."""
    permissions.MANAGE_DRIVES.require(by, drive.workspace)
    if isinstance(place, GooglePlace):
        require_key(place)
    found = examine(place)
    with transaction.atomic():
        _refuse_twice(drive.workspace, place, except_id=drive.pk)
        kept = ConnectedBucket.objects.select_for_update().get(pk=drive.pk)
        for name, value in {**place.facts, **_noted(found)}.items():
            setattr(kept, name, value)
        kept.credentials = _sealed(place)
        kept.version += 1
        kept.save()
        drive.access = place.access
        drive.save(update_fields=["access"])
        _record("bucket.changed", drive, by=by)


def check(drive: Drive, *, by: Actor) -> BucketState:
    """Ask the bucket how it is, and note it. Costs the store a few requests."""
    permissions.MANAGE_DRIVES.require(by, drive.workspace)
    try:
        found = examine(place_of(drive))
    except KeyMissing:
        found = Examination(BucketState.LOCKED, ())
    kept = ConnectedBucket.objects.filter(pk=drive.pk, version=drive.connected.version)
    kept.update(**_noted(found))
    return found.state


def note(drive: Drive, error: Refusal | Outage) -> None:
    """Somebody met it like this."""
    state = state_of(error)
    kept = ConnectedBucket.objects.filter(pk=drive.pk).exclude(state=state)
    region = str(error.fields.get("region", ""))
    kept.update(state=state, detail=region, checked_at=timezone.now())


def disconnect(drive: Drive, *, confirmed: str, by: User) -> None:
    """The drive goes and its key is forgotten; the bucket keeps all it holds.

    Raises NotConfirmed unless `confirmed` is the name of the bucket.
    """
    permissions.MANAGE_DRIVES.require(by, drive.workspace)
    if drive.is_own:
        raise errors.OwnDriveStays
    if confirmed.strip() != drive.bucket:
        raise errors.NotConfirmed
    with transaction.atomic():
        _record("bucket.disconnected", drive, by=by)
        drive.delete()


def _refuse_twice(workspace: Workspace, place: AnyPlace, *, except_id: int) -> None:
    """An address must mean one object: a name at two stores would be two."""
    Workspace.objects.select_for_update().get(pk=workspace.pk)
    same = Drive.objects.filter(
        workspace=workspace, provider=place.provider, bucket=place.bucket
    ).exclude(pk=except_id)
    if same.filter(is_own=True).exists():
        raise errors.BucketTwice
    if same.exclude(connected__endpoint=place.endpoint).exists():
        raise errors.BucketTwice


def _sealed(place: AnyPlace) -> str:
    return vault.seal(json.dumps(place.secret), purpose=ConnectedBucket.PURPOSE)


def _noted(found: Examination) -> dict[str, object]:
    return {
        "state": found.state,
        "detail": found.region,
        "checked_at": timezone.now(),
    }


def _record(action: str, drive: Drive, *, by: Actor) -> None:
    slug, access = drive.workspace.slug, drive.access
    audit.record(action, drive.name, by=by, workspace=slug, access=access)
