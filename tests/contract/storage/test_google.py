"""What is so of Google only: keys, narrower tokens, generations, and what it says."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from hexa.backends.storage import errors
from hexa.backends.storage.gcs import GCS
from hexa.backends.storage.google.account import MOST_RULES, Account
from hexa.backends.storage.store import ANYTHING, Grant, Marker
from tests.contract.storage.conftest import MakeBucket
from tests.google.running import RunningGoogle, account, connect, places_of
from tests.google.tokens import VIEWER

SERVERS = ["google"]
HOUR = dt.timedelta(hours=1)
SOFT = {"retentionDurationSeconds": "604800"}


@pytest.fixture
def google_tokens(server: RunningGoogle) -> Iterator[Any]:
    tokens = server.google.tokens
    yield tokens
    tokens.clock_s, tokens.is_exchange_down = 0, False


Ask = Callable[..., int]


@pytest.fixture
def ask(server: RunningGoogle, store: GCS) -> Ask:
    """The status of a request with a token for exactly these grants."""

    def asked(
        method: str, path: str, *grants: Grant, content: bytes | None = None
    ) -> int:
        given = store.mint(grants, session="s", lifetime=HOUR)
        headers = {"Authorization": f"Bearer {given.token}"}
        url = f"{server.google.url}{path}"
        return httpx.request(method, url, headers=headers, content=content).status_code

    return asked


def test_a_token_does_exactly_what_was_granted(
    ask: Ask, store: GCS, make_bucket: MakeBucket
) -> None:
    mine, other = make_bucket(), make_bucket()
    for bucket in (mine, other):
        store.put(bucket, "a/x", b"1")
        store.put(bucket, "b/x", b"1")
    read, write = Grant(mine, write=False), Grant(mine, write=True)
    inside = Grant(mine, write=True, prefix="a/")

    def get(bucket: str, key: str, *grants: Grant) -> int:
        return ask("GET", f"/storage/v1/b/{bucket}/o/{key}?alt=media", *grants)

    def listed(bucket: str, prefix: str, *grants: Grant) -> int:
        return ask("GET", f"/storage/v1/b/{bucket}/o?prefix={prefix}", *grants)

    def put(bucket: str, key: str, *grants: Grant) -> int:
        return ask("PUT", f"/{bucket}/{key}", *grants, content=b"2")

    assert get(mine, "a%2Fx", read) == listed(mine, "", read) == 200
    assert put(mine, "a/x", read) == ask("DELETE", f"/{mine}/a/x", read) == 403
    assert put(mine, "a/x", write) == 200
    assert get(other, "a%2Fx", write) == put(other, "a/x", write) == 403
    assert get(other, "a%2Fx", write, Grant(other, write=False)) == 200
    assert get(mine, "a%2Fx", inside) == listed(mine, "a/", inside) == 200
    assert put(mine, "a/y", inside) == 200
    assert get(mine, "b%2Fx", inside) == listed(mine, "", inside) == 403
    assert listed(mine, "b/", inside) == put(mine, "b/y", inside) == 403
    assert ask("GET", f"/storage/v1/b/{mine}", write) == 403


def test_a_prefix_cannot_widen_its_own_condition(ask: Ask, bucket: str) -> None:
    grant = Grant(bucket, write=False, prefix="it' || true || '")
    with pytest.raises(errors.RefusedByStore):
        ask("GET", f"/storage/v1/b/{bucket}/o", grant)


def test_no_more_rules_than_google_takes(store: GCS, bucket: str) -> None:
    grants = [Grant(bucket, write=False)] * (MOST_RULES + 1)
    with pytest.raises(ValueError, match="rules"):
        store.account.narrowed(grants)
    with pytest.raises(errors.RefusedByStore):
        store.account.narrowed([])


def test_without_a_narrower_token_there_is_none(
    google_tokens: Any, store: GCS, bucket: str
) -> None:
    google_tokens.is_exchange_down = True
    with pytest.raises(errors.StoreOutage):
        store.mint([Grant(bucket, write=False)], session="s", lifetime=HOUR)


@pytest.mark.parametrize(
    "key", ["", "{}", "[]", "not json", '{"type": "authorized_user"}']
)
def test_only_a_service_accounts_key_is_one(server: RunningGoogle, key: str) -> None:
    with pytest.raises(errors.NoServiceAccountKey):
        Account(key, places_of(server.google))


def test_a_key_does_not_choose_where_requests_go(server: RunningGoogle) -> None:
    made = account(server.google, {"*": VIEWER}, "elsewhere")
    facts = json.loads(made.key_file("http://127.0.0.1:1/evil"))
    facts["universe_domain"] = "evil.example"
    found = Account(json.dumps(facts), places_of(server.google))
    assert found.token().value.startswith("ya29.")
    found.close()


def test_a_refused_key_says_so(server: RunningGoogle, google_tokens: Any) -> None:
    made = account(server.google, {"*": VIEWER}, "gone")
    store = connect(server.google, made)
    google_tokens.clock_s = -3600
    with pytest.raises(errors.ClockSkewed):
        store.list_page("any")
    google_tokens.clock_s = 0
    made.is_enabled = False
    with pytest.raises(errors.KeyRefused):
        store.list_page("any")


def test_what_is_missing_is_named(server: RunningGoogle, bucket: str) -> None:
    reader = connect(server.google, account(server.google, {bucket: VIEWER}, "reader"))
    reader.list_page(bucket)
    with pytest.raises(errors.PermissionMissing) as missing:
        reader.put(bucket, "x", b"1")
    assert missing.value.fields == {
        "permission": "storage.objects.create",
        "role": "Storage Object User",
    }
    with pytest.raises(errors.PermissionMissing, match=r"storage\.buckets\.get"):
        reader.about(bucket)
    # What cannot be seen is not promised.
    assert not reader.keeps_versions(bucket)


def test_who_asks_may_have_to_pay(
    server: RunningGoogle, store: GCS, bucket: str
) -> None:
    server.google.shelves.buckets[bucket].about["billing"] = {"requesterPays": True}
    with pytest.raises(errors.RequesterPays):
        store.put(bucket, "x", b"1")
    paying = replace(store, user_project="our-project")
    paying.put(bucket, "x", b"1")
    link = paying.link_to_get(bucket, "x", lifetime=HOUR)
    assert httpx.get(link).content == b"1"
    paying.close()
    del server.google.shelves.buckets[bucket].about["billing"]


@pytest.fixture
def soft(server: RunningGoogle, bucket: str) -> str:
    """A bucket as Google makes them today."""
    about = server.google.shelves.buckets[bucket].about
    about |= {"versioning": {"enabled": False}, "softDeletePolicy": SOFT}
    return bucket


def test_what_is_softly_deleted_comes_back(store: GCS, soft: str) -> None:
    assert store.keeping(soft) == "soft"
    store.put(soft, "x", b"old")
    store.put(soft, "x", b"new")
    (marker,) = store.delete(soft, ["x", "nothing"])
    kinds = [
        (one.is_deletion, one.is_latest) for one in store.versions(soft, "").versions
    ]
    assert kinds == [(True, True), (False, False), (False, False)]
    for _ in range(2):
        store.undelete(soft, [marker])
    assert store.read(soft, "x", length=9) == b"new"
    oldest = store.versions(soft, "x").versions[-1]
    here = {"to_bucket": soft, "to_key": "x", "version": oldest.id}
    with pytest.raises(errors.ObjectExists):
        store.copy(soft, "x", **here)
    store.copy(soft, "x", **here, replacing=ANYTHING)
    assert store.read(soft, "x", length=9) == b"old"


def test_a_bucket_that_keeps_nothing_says_so(
    server: RunningGoogle, store: GCS, bucket: str
) -> None:
    server.google.shelves.buckets[bucket].about |= {
        "versioning": {"enabled": False},
        "softDeletePolicy": {"retentionDurationSeconds": "0"},
    }
    store.put(bucket, "x", b"old")
    assert not store.keeps_versions(bucket)
    assert store.delete(bucket, ["x"]) == []
    assert store.versions(bucket, "").versions == []


def test_a_key_with_more_versions_than_a_page_is_told_whole(
    store: GCS, bucket: str
) -> None:
    for _ in range(5):
        store.put(bucket, "a", b"x")
    store.put(bucket, "b", b"x")
    first = store.versions(bucket, "", limit=2)
    assert [one.key for one in first.versions] == ["a"] * 5
    assert first.next
    second = store.versions(bucket, "", after=first.next, limit=2)
    assert [one.key for one in second.versions] == ["b"]


def test_a_deletion_forgotten_with_what_it_deleted_brings_nothing_back(
    store: GCS, bucket: str
) -> None:
    store.put(bucket, "x", b"probe")
    version = store.head(bucket, "x").version
    (marker,) = store.delete(bucket, ["x"])
    store.forget(bucket, [marker, Marker("x", version)])
    assert store.versions(bucket, "").versions == []


def test_undoing_does_not_replace_what_came_after(store: GCS, bucket: str) -> None:
    store.put(bucket, "x", b"old")
    (marker,) = store.delete(bucket, ["x"])
    store.put(bucket, "x", b"later")
    store.undelete(bucket, [marker, Marker("never", "deleted.17")])
    assert store.read(bucket, "x", length=9) == b"later"
