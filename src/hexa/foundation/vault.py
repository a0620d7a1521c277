"""Secrets at rest: sealed by the current key of a ring, opened by whichever sealed them.

The ring is a file of the installation and never in the database; what is sealed is a
text that names its key. A `SealedField` holds such texts, so that a rotation
(`hexa keys rotate`) finds every one of them.

    row.credentials = vault.seal(secret, purpose="bucket")     inside a transaction
    secret = vault.unseal(row.credentials, purpose="bucket")   raises KeyMissing

What was sealed for one purpose opens for no other.
"""

import base64
import secrets
from collections import Counter
from collections.abc import Iterator
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction

from hexa.foundation.keyring import KeyMissing, Ring

_VERSION = "v1"
_NONCE_BYTES = 12
# Whoever seals holds it shared, until the row is committed; a rotation alone.
_LOCK = 0x68657861


class SealedField(models.TextField):  # type: ignore[type-arg] # Django's takes none at run time
    """A text that `seal` gave for `purpose`, or nothing."""

    def __init__(self, *args: Any, purpose: str = "", **options: Any) -> None:
        self.purpose = purpose
        super().__init__(*args, **options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "purpose": self.purpose}


def seal(secret: str, *, purpose: str) -> str:
    """To be saved in the transaction that this is called in. Raises KeyMissing."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_LOCK])
    return _seal(secret, purpose, ring())


def unseal(sealed: str, *, purpose: str) -> str:
    """Raises KeyMissing, also for what was changed or sealed for something else."""
    version, _, rest = sealed.partition(".")
    name, _, content = rest.partition(".")
    key = ring().keys.get(name)
    if version != _VERSION or key is None:
        raise KeyMissing
    try:
        raw = base64.b64decode(content, validate=True)
        nonce, hidden = raw[:_NONCE_BYTES], raw[_NONCE_BYTES:]
        return AESGCM(key).decrypt(nonce, hidden, purpose.encode()).decode()
    except (InvalidTag, ValueError):
        raise KeyMissing from None


def ring() -> Ring:
    """Read each time: a rotation holds for running processes at once."""
    try:
        return Ring.read(settings.KEY_RING.read_text(encoding="utf-8"))
    except OSError:
        raise KeyMissing from None


@transaction.atomic
def reseal() -> Counter[str]:
    """Seals everything by the current key; how many of what. All of it, or nothing.

    What is being sealed meanwhile is waited for. Raises KeyMissing.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    current, done = ring(), Counter[str]()
    for model, sealed in _fields():
        for row in model._default_manager.exclude(**{sealed.name: ""}).iterator():  # noqa: SLF001 # Django's own name
            secret = unseal(getattr(row, sealed.name), purpose=sealed.purpose)
            setattr(row, sealed.name, _seal(secret, sealed.purpose, current))
            row.save(update_fields=[sealed.name])
            done[f"{model._meta.label}.{sealed.name}"] += 1  # noqa: SLF001
    return done


def _fields() -> Iterator[tuple[type[models.Model], SealedField]]:
    for model in apps.get_models():
        for one in model._meta.get_fields():  # noqa: SLF001
            if isinstance(one, SealedField):
                yield model, one


def _seal(secret: str, purpose: str, by: Ring) -> str:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    hidden = AESGCM(by.keys[by.current]).encrypt(
        nonce, secret.encode(), purpose.encode()
    )
    content = base64.b64encode(nonce + hidden).decode()
    return f"{_VERSION}.{by.current}.{content}"
