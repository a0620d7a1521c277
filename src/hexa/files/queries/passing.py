"""Bytes of files in connected buckets, on their way through the platform.

Browsers may not ask another origin for them, and readers know neither its certificates
nor where a store may be: both get the bytes from us, by ranges, as the store gives them.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse

from hexa.backends.storage.store import ObjectFacts
from hexa.files import errors, permissions
from hexa.files.models import Drive
from hexa.files.queries.store import store_of
from hexa.foundation.actors import Actor

_SALT = "files.passing"
_LIFE_S = 3600


@dataclass(frozen=True, slots=True)
class Passage:
    """One object, of which ranges may be read without asking the database again."""

    drive: Drive
    facts: ObjectFacts

    def read(self, start: int, length: int) -> bytes:
        return store_of(self.drive).read(
            self.drive.bucket,
            self.facts.key,
            start=start,
            length=length,
            version=self.facts.version,
        )


def passage(drive: Drive, key: str, *, version: str = "", by: Actor) -> Passage:
    permissions.VIEW_FILES.require(by, drive.workspace)
    return Passage(drive, store_of(drive).head(drive.bucket, key, version=version))


def link_inside(drive: Drive, facts: ObjectFacts, *, version: str = "") -> str:
    """For a reader: ends in an hour, and names this content of this object alone."""
    told = {"drive": drive.pk, "key": facts.key, "etag": facts.etag}
    if version:
        told["version"] = version
    token = signing.dumps(told, salt=_SALT, compress=True)
    return f"{settings.WEB_URL}{reverse('files_passed', args=[token])}"


def passage_of(token: str) -> Passage:
    """What a link names. Raises DriveNotFound where it is wrong, over, or outdated."""
    try:
        told: dict[str, Any] = signing.loads(token, salt=_SALT, max_age=_LIFE_S)
        drive = Drive.objects.select_related("connected").get(pk=told["drive"])
    except (signing.BadSignature, Drive.DoesNotExist):
        raise errors.DriveNotFound from None
    version = told.get("version", "")
    facts = store_of(drive).head(drive.bucket, told["key"], version=version)
    if facts.etag != told["etag"]:
        raise errors.DriveNotFound
    return Passage(drive, facts)
