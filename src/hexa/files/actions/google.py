"""Access tokens for what a person may reach of Google's buckets."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hexa.accounts.models import User
from hexa.backends.storage.google.account import MOST_RULES
from hexa.backends.storage.store import Grant
from hexa.files import errors
from hexa.files.models import Drive, Provider
from hexa.files.queries.google import GooglePlace, google_bucket, tokens
from hexa.files.queries.store import place_of
from hexa.workspaces.models import Workspace


@dataclass(frozen=True, slots=True)
class GoogleToken:
    value: str = field(repr=False)
    expires_at: datetime


def google_token(
    workspace: Workspace, *, reader: User, bucket: str = ""
) -> GoogleToken:
    """For the person's rights of now in `bucket`, or in all that one account opens.

    A Google token is of one service account. Where the workspace's buckets have
    several, that is the account of the bucket that was connected first; each of the
    others is reached by its name. Raises NoGoogleDrive, and what the store raises.
    """
    found = Drive.objects.visible_to(reader).filter(
        workspace=workspace, provider=Provider.GCS
    )
    drives = list((found.filter(bucket=bucket) if bucket else found).order_by("pk"))
    if not drives:
        raise errors.NoGoogleDrive
    places = [_google_place(drive) for drive in drives]
    account = google_bucket(places[0].service_account_key).account
    grants = [
        _grant(drive, reader)
        for drive, place in zip(drives, places, strict=True)
        if google_bucket(place.service_account_key).account.email == account.email
    ]
    made = tokens.of(account, _within_limits(grants))
    return GoogleToken(made.value, made.expires_at)


def google_project(workspace: Workspace) -> str:
    """Which project Google's libraries are told to be of; "" where there is none."""
    first = (
        Drive.objects.filter(workspace=workspace, provider=Provider.GCS)
        .select_related("connected")
        .order_by("pk")
        .first()
    )
    if first is None:
        return ""
    return google_bucket(_google_place(first).service_account_key).account.project


def _google_place(drive: Drive) -> GooglePlace:
    place = place_of(drive)
    assert isinstance(place, GooglePlace), "what is at Google has Google's key"
    return place


def _grant(drive: Drive, reader: User) -> Grant:
    return Grant(drive.bucket, drive.access_for(reader) == "write", drive.prefix)


def _within_limits(grants: Sequence[Grant]) -> list[Grant]:
    return list(grants)[:MOST_RULES]
