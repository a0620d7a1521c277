"""What the store tells of changes: by page, code, versions, and after any death."""

import io
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hexa.backends.storage.changes import Batch
from hexa.backends.storage.store import Marker, ObjectFacts, ObjectStore
from tests.changes import RunningChanges, running_changes
from tests.stores import RunningStore, running_store

SERVERS = ["seaweedfs"]
Told = dict[str, int | None]


@pytest.fixture(scope="session")
def service(server: RunningStore) -> Iterator[RunningChanges]:
    with running_changes(server.tls, server.ports.filer_grpc) as service:
        yield service


def heard(service: RunningChanges, since: int, *, until: str) -> tuple[Told, int]:
    """Sizes by key as last told, None for gone; and when the last was told."""
    told: Told = {}
    last = since
    for batch in service.changes.since(since, idle_s=1):
        last = batch.last_ns or last
        for change in batch.changes:
            told[change.key] = change.facts.size_bytes if change.facts else None
        if until in told:
            return told, last
    raise AssertionError("The service ended")


def test_every_way_of_changing_a_file_is_told_as_what_is_there_after_it(
    store: ObjectStore, bucket: str, service: RunningChanges
) -> None:
    since = time.time_ns()
    store.put(bucket, "été/twice.csv", b"one")
    store.put(bucket, "été/twice.csv", b"three")
    store.put(bucket, "deleted.csv", b"x")
    store.delete(bucket, ["deleted.csv"])
    store.put(bucket, "back.csv", b"xy")
    store.undelete(bucket, store.delete(bucket, ["back.csv"]))
    store.put(bucket, "older.csv", b"older one")
    store.put(bucket, "older.csv", b"newer")
    latest = next(
        v.id for v in store.versions(bucket, "older.csv").versions if v.is_latest
    )
    store.undelete(bucket, [Marker("older.csv", latest)])
    store.copy(bucket, "été/twice.csv", to_bucket=bucket, to_key="copy.csv")
    store.put_stream(bucket, "large.bin", io.BytesIO(b"x" * 12_000_000))
    store.put(bucket, "empty.csv", b"")
    store.make_folder(bucket, "made/")
    store.put(bucket, "end", b"")
    told, _ = heard(service, since, until="end")
    assert told == {
        "été/twice.csv": 5,
        "deleted.csv": None,
        "back.csv": 2,
        "older.csv": 9,
        "copy.csv": 5,
        "large.bin": 12_000_000,
        "empty.csv": 0,
        "made/": 0,
        "end": 0,
    }


def test_what_is_told_is_what_the_store_lists(
    store: ObjectStore, bucket: str, service: RunningChanges
) -> None:
    since = time.time_ns()
    store.put(bucket, "a.csv", b"123")
    store.put_stream(bucket, "b.bin", io.BytesIO(b"x" * 12_000_000))
    store.put(bucket, "end", b"")
    facts: dict[str, ObjectFacts] = {}
    for batch in service.changes.since(since, idle_s=1):
        facts |= {c.key: c.facts for c in batch.changes if c.facts}
        if "end" in facts:
            break
    for listed in store.list_keys(bucket, "").objects:
        told = facts[listed.key]
        assert (told.size_bytes, told.etag) == (listed.size_bytes, listed.etag)
        assert told.modified_at == listed.modified_at


def test_a_listener_that_was_away_goes_on_where_it_left_off(
    store: ObjectStore, bucket: str, service: RunningChanges
) -> None:
    since = time.time_ns()
    store.put(bucket, "before", b"")
    _, last = heard(service, since, until="before")
    service.kill()
    for number in range(300):
        store.put(bucket, f"away-{number}", b"x")
    service.start()
    store.put(bucket, "end", b"")
    told, _ = heard(service, last, until="end")
    assert len([key for key in told if key.startswith("away-")]) == 300


def test_a_listener_hears_that_the_store_died_and_what_came_after(
    tmp_path: Path,
) -> None:
    with (
        running_store(tmp_path) as server,
        running_changes(server.tls, server.ports.filer_grpc) as service,
    ):
        store = server.connect()
        store.create_bucket("team")
        store.put("team", "before", b"")
        batches: Iterator[Batch] = service.changes.since(0, idle_s=0.2)
        while not any(c.key == "before" for c in next(batches).changes):
            pass
        server.stop(signal.SIGKILL)
        has_lost = False
        while not has_lost:
            has_lost = next(batches).has_lost
        server.start()
        server.connect().put("team", "after", b"")
        while not any(c.key == "after" for c in next(batches).changes):
            pass
