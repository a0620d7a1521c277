"""Buckets of teams at Google, and the tokens that reach exactly them."""

import datetime as dt
import json
import shlex
import threading
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import ClassVar

from django.conf import settings
from django.utils import timezone

from hexa.backends.storage.errors import NoServiceAccountKey
from hexa.backends.storage.gcs import GCS, cors_for
from hexa.backends.storage.google.account import Account, Places, Token
from hexa.backends.storage.inside import Inside
from hexa.backends.storage.store import Grant, ObjectStore
from hexa.files.models import Provider

_MOST_STORES = 256
_MOST_TOKENS = 1024
# Handed on until then: whoever takes one still has this long.
_LEAST_LEFT = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class GooglePlace:
    """Where a bucket is connected, saved or about to be, and what opens it.

    `user_project` is billed for requests where the bucket's owner does not pay them.
    """

    bucket: str
    prefix: str
    access: str
    user_project: str
    service_account_key: str = field(repr=False)

    provider: ClassVar[str] = Provider.GCS
    # Its name is a bucket's all over the world: there is no other of it.
    endpoint: ClassVar[str] = ""

    @property
    def url(self) -> str:
        found: str = settings.GOOGLE_STORAGE_URL
        return found

    @property
    def facts(self) -> dict[str, str | bool]:
        return {"pays_requests": bool(self.user_project)}

    @property
    def secret(self) -> dict[str, str]:
        return {
            "service_account_key": self.service_account_key,
            "user_project": self.user_project,
        }


def require_key(place: GooglePlace) -> None:
    """Raises NoServiceAccountKey."""
    google_bucket(place.service_account_key, place.user_project).account.email  # noqa: B018 # read once, it is checked


def commands_to_paste(
    bucket: str, folder: str, place: GooglePlace | None, *, is_written: bool
) -> str:
    """What the owner of the bucket runs, once, for the least an account needs."""
    made, email = False, "openhexa@PROJECT.iam.gserviceaccount.com"
    with suppress(NoServiceAccountKey):
        if place:
            email = google_bucket(place.service_account_key).account.email
            made = True
    role = "roles/storage.objectUser" if is_written else "roles/storage.objectViewer"
    kind, where = "buckets", f"gs://{bucket}"
    steps = []
    if not made:
        steps += [
            ["gcloud iam service-accounts create openhexa", "--project=PROJECT"],
            [
                "gcloud iam service-accounts keys create key.json",
                f"--iam-account={email}",
            ],
        ]
    if folder:
        kind, where = "managed-folders", shlex.quote(f"gs://{bucket}/{folder}")
        steps.append([f"gcloud storage managed-folders create {where}"])
    bind, member = "add-iam-policy-binding", f"--member=serviceAccount:{email}"
    seen = "--role=roles/storage.bucketViewer"
    steps += [
        [f"gcloud storage {kind} {bind} {where}", member, f"--role={role}"],
        [f"gcloud storage buckets {bind} gs://{bucket}", member, seen],
    ]
    return "\n".join(" \\\n  ".join(step) for step in steps)


def cors_to_paste() -> str:
    """By which browsers on our pages may send files straight to the bucket."""
    return json.dumps(cors_for(settings.PUBLIC_URL), indent=2)


def google_facts(place: GooglePlace) -> dict[str, str]:
    """What a session must know to reach it, beside its name."""
    return {
        "endpoint": settings.GOOGLE_STORAGE_URL,
        "payer": place.user_project,
        "prefix": place.prefix,
    }


def google_store_at(place: GooglePlace) -> ObjectStore:
    """Keys are relative to the folder that is connected."""
    store = google_bucket(place.service_account_key, place.user_project)
    return Inside(store, place.prefix) if place.prefix else store


def google_bucket(key: str, user_project: str = "") -> GCS:
    """One for each key: with it go the account's token and its connections."""
    return stores.of(key, user_project)


def _places() -> Places:
    return Places(
        settings.GOOGLE_STORAGE_URL,
        settings.GOOGLE_TOKEN_URL,
        settings.GOOGLE_EXCHANGE_URL,
    )


class _Stores:
    """Those used last."""

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[str, str], GCS] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, key: str, user_project: str) -> GCS:
        with self._lock:
            found = self._made.get((key, user_project)) or GCS(
                key=key,
                origin=settings.PUBLIC_URL,
                user_project=user_project,
                places=_places(),
            )
            self._made[key, user_project] = found
            self._made.move_to_end((key, user_project))
            if len(self._made) > _MOST_STORES:
                self._made.popitem(last=False)
        return found

    def forget(self) -> None:
        """Lets all connections go."""
        with self._lock:
            for store in self._made.values():
                store.close()
            self._made.clear()


class _Tokens:
    """Those made, by what they are good for: many sessions ask for the same."""

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[object, ...], Token] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, account: Account, grants: Sequence[Grant]) -> Token:
        """Raises KeyRefused, ClockSkewed or StoreOutage."""
        wanted = (account.key_id, *grants)
        with self._lock:
            kept = self._made.get(wanted)
        if kept and kept.expires_at - timezone.now() > _LEAST_LEFT:
            return kept
        made = account.narrowed(grants)
        with self._lock:
            self._made[wanted] = made
            self._made.move_to_end(wanted)
            if len(self._made) > _MOST_TOKENS:
                self._made.popitem(last=False)
        return made


stores = _Stores()
tokens = _Tokens()
