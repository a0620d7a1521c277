"""What the gateway is told: who signed, what they may do now, and how it goes on."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from django.utils import timezone

from hexa.files.models import Access, Drive, Provider, StoreSession
from hexa.files.queries.examining import BROKEN
from hexa.files.queries.store import LINK, link_key, opened, reach
from hexa.foundation import vault
from hexa.foundation.actors import System
from hexa.foundation.answers import spoken

_PLATFORM = System("gateway")


def permit(key_id: str, bucket: str) -> Mapping[str, object]:
    """`secret` verifies; `drives` are those of this bucket, none for what is our own.

    Raises KeyMissing.
    """
    if key_id.startswith(LINK):
        return _of_link(key_id, bucket)
    given = (
        StoreSession.objects.filter(
            access_key_id=key_id, ended_at=None, expires_at__gt=timezone.now()
        )
        .select_related("reader")
        .first()
    )
    if given is None or given.reader is None:
        return {"drives": []}
    drives = Drive.objects.visible_to(given.reader).filter(
        workspace=given.workspace_id, bucket=bucket, provider=Provider.S3, is_own=False
    )
    told = [
        _told(drive, may_write=access == "write")
        for drive in drives
        if (access := drive.access_for(given.reader))
    ]
    if not told:
        return {"drives": []}
    secret = vault.unseal(given.secret, purpose=StoreSession.PURPOSE)
    return {"secret": secret, "drives": told}


def _of_link(key_id: str, bucket: str) -> Mapping[str, object]:
    """The platform signed it itself, for one request that somebody was allowed."""
    number = key_id.removeprefix(LINK).partition(".")[0]
    if not number.isdecimal():
        return {"drives": []}
    drive = (
        Drive.objects.visible_to(_PLATFORM)
        .filter(pk=int(number), bucket=bucket, is_own=False)
        .first()
    )
    if drive is None or link_key(drive)[0] != key_id:
        return {"drives": []}
    may_write = drive.access == Access.WRITE
    return {"secret": link_key(drive)[1], "drives": [_told(drive, may_write=may_write)]}


def _told(drive: Drive, *, may_write: bool) -> Mapping[str, object]:
    """With `refusal` in place of how to reach it, where it cannot be reached."""
    about = {"id": drive.pk, "prefix": drive.prefix, "write": may_write}
    try:
        store = opened(drive)
        place = urlsplit(store.endpoint)
        manner = store.manner
        host = (
            place.netloc if manner.is_path_style else f"{drive.bucket}.{place.netloc}"
        )
        addresses: Sequence[str] = reach().check(f"{place.scheme}://{host}")
    except BROKEN as error:
        return about | {"refusal": spoken(error)}
    return about | {
        "url": store.endpoint,
        "addresses": list(addresses),
        "region": store.region,
        "path_style": manner.is_path_style,
        "authority": manner.authority,
        "pays": manner.pays_requests,
        "key": {
            "id": store.access_key_id,
            "secret": store.secret_access_key,
            "token": store.token,
        },
    }
