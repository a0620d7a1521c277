"""What Google answers when it will not, said in our words."""

import re

import httpx
from google.auth.exceptions import GoogleAuthError

from hexa.backends.storage import errors
from hexa.foundation.errors import Outage, Refusal

_PERMISSION = re.compile(r"\b(storage\.[a-zA-Z]+\.[a-zA-Z]+)\b")
# The least role that holds a permission, as Google's list of roles has it.
_ROLES = {
    "storage.objects.list": "Storage Object Viewer",
    "storage.objects.get": "Storage Object Viewer",
    "storage.objects.create": "Storage Object User",
    "storage.objects.delete": "Storage Object User",
    "storage.objects.update": "Storage Object User",
    "storage.objects.restore": "Storage Object User",
    "storage.multipartUploads.create": "Storage Object User",
    "storage.buckets.get": "Storage Bucket Viewer",
    "storage.buckets.update": "Storage Admin",
    "serviceusage.services.use": "Service Usage Consumer",
}
_BUSY = frozenset({408, 429, 500, 502, 503, 504})


def is_passing(status: int) -> bool:
    """Whether the same request may be answered a moment later."""
    return status in _BUSY


def missing(permission: str) -> errors.PermissionMissing:
    role = _ROLES.get(permission, "Storage Object User")
    return errors.PermissionMissing(permission=permission, role=role)


def refusal_of(
    answer: httpx.Response, absent: type[Refusal] = errors.ObjectNotFound
) -> Refusal | Outage:
    """`absent` is what a plain "not found" is about."""
    status, text = answer.status_code, answer.text
    if is_passing(status):
        return errors.StoreOutage()
    if status == 404:
        return _not_found(text, absent)
    if status == 400 and "requester pays" in text:
        return errors.RequesterPays()
    if status in {401, 403}:
        return _forbidden(text)
    exact: dict[int, type[Refusal]] = {
        409: errors.BucketExists,
        412: errors.ObjectChanged,
        304: errors.ObjectChanged,
    }
    return exact.get(status, errors.InvalidForStore)()


def _not_found(text: str, absent: type[Refusal]) -> Refusal:
    if "bucket does not exist" in text or "NoSuchBucket" in text:
        return errors.BucketNotFound()
    if "NoSuchUpload" in text:
        return errors.UploadNotFound()
    return absent()


def _forbidden(text: str) -> Refusal:
    if "billing" in text and "disabled" in text:
        return errors.BillingOff()
    if found := _PERMISSION.search(text):
        return missing(found.group(1))
    if "serviceusage.services.use" in text:
        return missing("serviceusage.services.use")
    return errors.RefusedByStore()


def said_of_key(error: GoogleAuthError) -> Refusal | Outage:
    """Of a token that was not given."""
    text = str(error)
    if "reasonable timeframe" in text or "iat and exp" in text:
        return errors.ClockSkewed()
    if "internal_failure" in text or "temporarily_unavailable" in text:
        return errors.StoreOutage()
    return errors.KeyRefused()
