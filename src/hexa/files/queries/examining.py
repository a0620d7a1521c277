"""What a bucket says when it is asked, before it is connected and ever after."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hexa.backends.storage import errors as store_errors
from hexa.backends.storage import policies
from hexa.backends.storage.store import Grant, Marker, ObjectStore
from hexa.files.models import Access, BucketState
from hexa.files.queries.google import GooglePlace, google_bucket, tokens
from hexa.files.queries.store import AnyPlace, store_at
from hexa.foundation.answers import spoken
from hexa.foundation.errors import Outage, Refusal
from hexa.foundation.keyring import KeyMissing

_STATES: tuple[tuple[type[Refusal | Outage], BucketState], ...] = (
    (KeyMissing, BucketState.LOCKED),
    (store_errors.KeyRefused, BucketState.REFUSED),
    (store_errors.RefusedByStore, BucketState.FORBIDDEN),
    (store_errors.BucketNotFound, BucketState.NO_BUCKET),
    (store_errors.ObjectNotFound, BucketState.NO_BUCKET),
    (store_errors.WrongRegion, BucketState.REGION),
    (store_errors.ClockSkewed, BucketState.CLOCK),
    (store_errors.Untrusted, BucketState.UNTRUSTED),
    (store_errors.EndpointNotAllowed, BucketState.NOT_ALLOWED),
    (store_errors.StoreOutage, BucketState.UNREACHABLE),
)


@dataclass(frozen=True, slots=True)
class Finding:
    tone: Literal["good", "warn", "bad"]
    text: str | Promise


@dataclass(frozen=True, slots=True)
class Examination:
    """`region` is where the bucket is, if that is not where it was looked for."""

    state: BucketState
    findings: Sequence[Finding]
    region: str = ""

    @property
    def is_usable(self) -> bool:
        return self.state == BucketState.WORKING


def state_of(error: Refusal | Outage) -> BucketState:
    """How a bucket is that answered so."""
    for kind, state in _STATES:
        if isinstance(error, kind):
            return state
    return BucketState.FAILED


def examine(place: AnyPlace) -> Examination:
    """Lists, reads, and where the drive may be written, writes a file and takes it away.

    Raises nothing: what goes wrong is what is found.
    """
    findings: list[Finding] = []
    try:
        store = store_at(place)
        findings.extend(_looks(store, place))
        if place.access == Access.WRITE:
            findings.extend(_writes(store, place))
        if isinstance(place, GooglePlace):
            findings.extend(_narrows(place))
    except (Refusal, Outage) as error:
        return _failed(error, findings)
    findings.extend(_remarks(store, place))
    return Examination(BucketState.WORKING, findings)


def _failed(error: Refusal | Outage, findings: list[Finding]) -> Examination:
    state = state_of(error)
    if state == BucketState.FORBIDDEN and findings:
        state = BucketState.READ_ONLY
    region = str(error.fields.get("region", "")).replace("?", "")
    says_more = state in _SPOKEN or isinstance(error, _TELLING)
    text = spoken(error) if says_more else state.label
    return Examination(state, [*findings, Finding("bad", text)], region)


# What was raised says more than the state.
_SPOKEN = {BucketState.NOT_ALLOWED, BucketState.REGION}
_TELLING = (
    store_errors.PermissionMissing,
    store_errors.NoServiceAccountKey,
    store_errors.RequesterPays,
    store_errors.BillingOff,
)


def _looks(store: ObjectStore, place: AnyPlace) -> Iterator[Finding]:
    page = store.list_keys(place.bucket, "", limit=1)
    yield Finding("good", _("The bucket can be listed."))
    for found in page.objects:
        try:
            store.read(place.bucket, found.key, length=1)
        except store_errors.RefusedByStore:
            yield Finding("warn", _("Its first file cannot be read with this key."))
        else:
            yield Finding("good", _("Files can be read."))


def _writes(store: ObjectStore, place: AnyPlace) -> Iterator[Finding]:
    """The probe leaves nothing, save where old versions cannot be taken away."""
    key = f".openhexa-{secrets.token_hex(6)}"
    store.put(place.bucket, key, b"")
    version = store.head(place.bucket, key).version
    yield Finding("good", _("Files can be written."))
    try:
        markers = store.delete(place.bucket, [key])
    except (store_errors.RefusedByStore, store_errors.StoreOutage):
        yield Finding("warn", _("Files cannot be deleted with this key."))
        return
    yield Finding("good", _("Files can be deleted."))
    with suppress(Refusal, Outage):
        old = [Marker(key, version)] if version and version != "null" else []
        store.forget(place.bucket, [*markers, *old])


def _narrows(place: GooglePlace) -> Iterator[Finding]:
    """Raises what Google says where it gives no narrower token."""
    is_written = place.access == Access.WRITE
    account = google_bucket(place.service_account_key).account
    tokens.of(account, [Grant(place.bucket, is_written, place.prefix)])
    yield Finding("good", _("Google gives tokens for exactly this, for notebooks."))


def _remarks(store: ObjectStore, place: AnyPlace) -> Iterator[Finding]:
    if isinstance(place, GooglePlace) and place.access == Access.WRITE:
        try:
            google_bucket(place.service_account_key).about(place.bucket)
        except (Refusal, Outage) as error:
            unseen = _("Whether deletions can be undone cannot be seen.")
            yield Finding("warn", f"{unseen} {spoken(error)}")
            return
    try:
        keeps = store.keeps_versions(place.bucket)
    except (Refusal, Outage):
        keeps = None
    if keeps:
        yield Finding("good", _("It keeps old versions, so deletions can be undone."))
    elif place.access == Access.WRITE:
        text = _("It keeps no old versions: what is deleted or overwritten is gone.")
        yield Finding("warn", text)
    if place.url.startswith("http:"):
        text = _(
            "The endpoint is not encrypted (http): use it inside your network only."
        )
        yield Finding("warn", text)


def policy_to_paste(bucket: str, prefix: str, access: str) -> str:
    """What the owner of the bucket allows our key or role at Amazon, as JSON."""
    return policies.to_paste(Grant(bucket, access == Access.WRITE, prefix))


# What says that a bucket as a whole cannot be reached, whatever was asked of it.
BROKEN = (
    Outage,
    store_errors.KeyRefused,
    store_errors.BucketNotFound,
    store_errors.EndpointNotAllowed,
)
