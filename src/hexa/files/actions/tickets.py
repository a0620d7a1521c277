"""Credentials for sessions: minted for what a person may do now, ended when that changes.

A store's session credentials cannot be called back, so each drive is told which of
them to refuse: those on record, ended, and not yet expired.
"""

import datetime as dt
import secrets

from django.db import transaction
from django.utils import timezone

from hexa.accounts.models import User
from hexa.backends.storage.store import Credentials, Grant
from hexa.files.models import Drive, Ticket
from hexa.files.queries import own_store
from hexa.workspaces.models import Membership, Workspace

# The store may honour a ticket a little longer than it says.
_SLACK = dt.timedelta(hours=1)


def mint(
    workspace: Workspace, *, reader: User, holder: str, lifetime: dt.timedelta
) -> Credentials:
    """Credentials for exactly the drives the person may reach now.

    `holder` names who gets them; `end` takes it. The tickets are on record before the
    store is asked: nothing is ever given out that could not be ended.
    """
    now = timezone.now()
    session = f"{holder[:40]}-{secrets.token_hex(6)}"
    drives = Drive.objects.visible_to(reader).filter(workspace=workspace)
    with transaction.atomic():
        # A change of role waits for this, or is seen by it: no ticket for the old
        # role can come on record after `end` has looked.
        held = Membership.objects.select_for_update()
        held.filter(workspace=workspace, user=reader).first()
        access = {d: d.access_for(reader) for d in drives.select_related("workspace")}
        Ticket.objects.bulk_create(
            Ticket(
                drive=drive,
                session=session,
                holder=holder,
                can_write=allowed == "write",
                expires_at=now + max(lifetime, _SLACK),
            )
            for drive, allowed in access.items()
        )
    grants = [
        Grant(drive.bucket, write=allowed == "write")
        for drive, allowed in access.items()
        if allowed != "none"
    ]
    return own_store().mint(grants, session=session, lifetime=lifetime)


def end(workspace: Workspace, *, holder: str) -> None:
    """What was minted for this holder stops working at once."""
    now = timezone.now()
    drives = Drive.objects.filter(workspace=workspace)
    for drive in drives:
        running = Ticket.objects.filter(drive=drive, ended_at=None, expires_at__gt=now)
        if not running.filter(holder=holder).update(ended_at=now):
            continue
        ended = Ticket.objects.filter(drive=drive, expires_at__gt=now)
        refused = ended.exclude(ended_at=None).values_list("session", flat=True)
        own_store().shut_out(drive.bucket, set(refused))


def forget_expired() -> int:
    """Drop the records of what has expired; the number of them."""
    count, _ = Ticket.objects.filter(expires_at__lt=timezone.now()).delete()
    return count
