"""Which store a drive's bucket is kept in, and how it is reached."""

import datetime as dt
import hmac
import json
import shutil
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import ClassVar

from django.conf import settings
from django.utils import timezone

from hexa.backends.storage.clients import Manner
from hexa.backends.storage.inside import Inside
from hexa.backends.storage.reach import Reach
from hexa.backends.storage.s3 import S3
from hexa.backends.storage.seaweedfs import ROLE_ARN
from hexa.backends.storage.store import Grant, ObjectStore
from hexa.files.models import Access, ConnectedBucket, Drive, Provider
from hexa.files.queries.google import GooglePlace, google_facts, google_store_at
from hexa.foundation import vault
from hexa.foundation.keyring import KeyMissing

# A store of others that does not answer must not hold up a page for long.
_CONNECT_S, _READ_S, _ATTEMPTS = 3, 15, 2
_MOST_STORES = 256
# How key ids begin by which links are signed.
LINK = "hexa-link."
# Keys that a role lends; they are asked for anew this often, well before they end.
_LENT = dt.timedelta(hours=1)
_RENEWED = dt.timedelta(minutes=40)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an S3 bucket is connected, saved or about to be, and what opens it."""

    bucket: str
    prefix: str
    access: str
    endpoint: str
    region: str
    is_path_style: bool
    authority: str
    pays_requests: bool
    role_arn: str
    access_key_id: str
    secret_access_key: str = field(repr=False)

    provider: ClassVar[str] = Provider.S3

    @property
    def facts(self) -> dict[str, str | bool]:
        """What is kept of it in the open, beside what the drive says."""
        return {
            "endpoint": self.endpoint,
            "region": self.region,
            "is_path_style": self.is_path_style,
            "authority": self.authority,
            "pays_requests": self.pays_requests,
            "role_arn": self.role_arn,
        }

    @property
    def secret(self) -> dict[str, str]:
        return {
            "access_key_id": self.access_key_id,
            "secret_access_key": self.secret_access_key,
        }

    @property
    def url(self) -> str:
        return self.endpoint or f"https://s3.{self.region}.amazonaws.com"


AnyPlace = Place | GooglePlace


def store_of(drive: Drive) -> ObjectStore:
    """Where the bucket of this drive is kept; keys are relative to the drive.

    Asks the database once more unless `connected` was selected with the drive. Raises
    KeyMissing when the credentials cannot be unsealed.
    """
    if drive.is_own:
        return own_store()
    return _kept_store(drive.pk, drive.connected.version, _turn())


@cache
def own_store() -> ObjectStore:
    """The store of the workspaces' own buckets."""
    return S3(
        endpoint=settings.STORE_ENDPOINT,
        region=settings.STORE_REGION,
        access_key_id=settings.STORE_ADMIN_ID,
        secret_access_key=settings.STORE_ADMIN_SECRET,
        role_arn=ROLE_ARN,
        origin=settings.PUBLIC_URL,
        public_url=settings.STORE_PUBLIC_URL,
    )


def store_at(place: AnyPlace, *, links: S3 | None = None) -> ObjectStore:
    """The store of a place, its keys relative to the folder that is connected.

    Links lead through the gateway: the bucket need not let browsers in, nor be in their
    reach, and its content never comes from an origin that pages must trust. Where a role
    is given, by credentials that it lends for an hour. Raises EndpointNotAllowed,
    RefusedByStore or StoreOutage.
    """
    if isinstance(place, GooglePlace):
        return google_store_at(place)
    store = _at(place)
    if place.role_arn:
        store = _lent(store, place)
    if links:
        store = replace(store, links=links)
    return Inside(store, place.prefix) if place.prefix else store


def place_of(drive: Drive) -> AnyPlace:
    """Raises KeyMissing."""
    kept = drive.connected
    if drive.provider == Provider.GCS:
        return GooglePlace(
            bucket=drive.bucket,
            prefix=drive.prefix,
            access=drive.access,
            **credentials_of(kept),
        )
    return Place(
        bucket=drive.bucket,
        prefix=drive.prefix,
        access=drive.access,
        endpoint=kept.endpoint,
        region=kept.region,
        is_path_style=kept.is_path_style,
        authority=kept.authority,
        pays_requests=kept.pays_requests,
        role_arn=kept.role_arn,
        **credentials_of(kept),
    )


def facts_of(drive: Drive) -> dict[str, str]:
    """What a session must know of a bucket beside its name: where it is reached.

    Empty where that cannot be known now: then only that drive does not open.
    """
    if drive.is_own:
        return {"endpoint": settings.STORE_ENDPOINT}
    if drive.provider != Provider.GCS:
        return {"endpoint": settings.GATEWAY_ENDPOINT, "prefix": drive.prefix}
    try:
        place = place_of(drive)
    except KeyMissing:
        return {}
    return google_facts(place) if isinstance(place, GooglePlace) else {}


def credentials_of(kept: ConnectedBucket) -> dict[str, str]:
    """Raises KeyMissing."""
    sealed = vault.unseal(kept.credentials, purpose=ConnectedBucket.PURPOSE)
    found: dict[str, str] = json.loads(sealed)
    return found


def reach() -> Reach:
    """Where connected stores may be."""
    return Reach(settings.STORE_NETWORKS, settings.OWN_PORTS)


def _turn() -> int:
    """Changes when what roles lent is to be asked for anew."""
    return int(timezone.now().timestamp() / _RENEWED.total_seconds())


def opened(drive: Drive) -> S3:
    """The S3 store of a connected drive itself: its keys are the bucket's own.

    Raises as `store_of` does.
    """
    store = store_of(drive)
    found = store.store if isinstance(store, Inside) else store
    assert isinstance(found, S3), "what is asked of the gateway is in S3"
    return found


def link_key(drive: Drive) -> tuple[str, str]:
    """By which the platform signs links to a connected drive, for the gateway.

    Another one after each change of the connection.
    """
    name = f"{LINK}{drive.pk}.{drive.connected.version}"
    secret = hmac.new(settings.GATEWAY_TOKEN.encode(), name.encode(), "sha256")
    return name, secret.hexdigest()


@lru_cache(maxsize=_MOST_STORES)
def _kept_store(drive_id: int, version: int, turn: int) -> ObjectStore:  # noqa: ARG001 # what makes it another
    drive = Drive.objects.select_related("connected").get(pk=drive_id)
    name, secret = link_key(drive)
    links = S3(
        endpoint=settings.GATEWAY_ENDPOINT,
        region=settings.STORE_REGION,
        access_key_id=name,
        secret_access_key=secret,
        role_arn="",
        origin=settings.PUBLIC_URL,
        public_url=settings.GATEWAY_PUBLIC_URL,
    )
    return store_at(place_of(drive), links=links)


def _at(place: Place) -> S3:
    """By the key itself."""
    held = reach()
    held.check(place.url)
    return S3(
        endpoint=place.url,
        region=place.region,
        access_key_id=place.access_key_id,
        secret_access_key=place.secret_access_key,
        role_arn=place.role_arn,
        origin=settings.PUBLIC_URL,
        manner=Manner(
            is_path_style=place.is_path_style,
            authority=place.authority,
            pays_requests=place.pays_requests,
            reach=held,
            connect_s=_CONNECT_S,
            read_s=_READ_S,
            attempts=_ATTEMPTS,
        ),
    )


def _lent(store: S3, place: Place) -> S3:
    """By what the role lends: no more than the drive may do."""
    grant = Grant(place.bucket, place.access == Access.WRITE, place.prefix)
    lent = store.mint([grant], session="openhexa", lifetime=_LENT)
    return replace(
        store,
        access_key_id=lent.access_key_id,
        secret_access_key=lent.secret_access_key,
        token=lent.token,
    )


def room_in(drive: Drive) -> int | None:
    """How many bytes the store of this drive can still take; None: nobody knows.

    The embedded store takes no more when a hundredth of the disk is left.
    """
    if not drive.is_own:
        return None
    disk = shutil.disk_usage(settings.DATA)
    return max(0, disk.free - disk.total // 100)
