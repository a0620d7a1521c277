"""Secrets at rest: sealed, opened, sealed anew, and refused without their key."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import transaction

from hexa.files.models import ConnectedBucket
from hexa.foundation import vault
from hexa.foundation.keyring import KeyMissing, Ring
from hexa.site.settings import installation
from tests.foreign import Foreign, connect

pytestmark = pytest.mark.django_db


@pytest.fixture
def ring() -> Iterator[Ring]:
    """The ring of the tests' installation, put back afterwards."""
    before = vault.ring()
    yield before
    installation.keep(before)


def test_what_is_sealed_opens_for_its_purpose_alone_and_unchanged() -> None:
    sealed = vault.seal("schlüssel", purpose="a")
    assert "schl" not in sealed
    assert vault.unseal(sealed, purpose="a") == "schlüssel"
    assert vault.seal("schlüssel", purpose="a") != sealed
    for changed in (sealed[:-8] + "AAAAAAA=", sealed.replace("v1", "v2"), "", "v1.x.y"):
        with pytest.raises(KeyMissing):
            vault.unseal(changed, purpose="a")
    with pytest.raises(KeyMissing):
        vault.unseal(sealed, purpose="b")


@pytest.mark.django_db(transaction=True)
def test_sealing_outside_a_transaction_is_a_mistake() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        vault.seal("x", purpose="a")


def test_a_rotation_seals_every_row_by_the_new_key(
    ring: Ring, foreign: Foreign
) -> None:
    kept = connect(foreign).connected
    before = kept.credentials
    installation.keep(ring.renewed())
    done = vault.reseal()
    installation.keep(vault.ring().narrowed())
    kept.refresh_from_db()
    assert done["files.ConnectedBucket.credentials"] == 1
    assert kept.credentials != before
    opened = vault.unseal(kept.credentials, purpose=ConnectedBucket.PURPOSE)
    assert foreign.key.secret in opened
    with pytest.raises(KeyMissing):
        vault.unseal(before, purpose=ConnectedBucket.PURPOSE)


def test_without_its_key_nothing_opens_and_nothing_is_lost(
    ring: Ring, foreign: Foreign
) -> None:
    kept = connect(foreign).connected
    installation.keep(Ring.made())
    with pytest.raises(KeyMissing, match="key-ring"):
        vault.unseal(kept.credentials, purpose=ConnectedBucket.PURPOSE)
    with pytest.raises(KeyMissing):
        vault.reseal()
    installation.keep(ring)
    assert vault.unseal(kept.credentials, purpose=ConnectedBucket.PURPOSE)


def test_the_ring_is_private_to_the_platform() -> None:
    assert settings.KEY_RING.stat().st_mode & 0o777 == 0o600
