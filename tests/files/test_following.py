"""The worker follows the store: whatever changes a file, it is soon found."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from hexa.backends.storage.store import ObjectStore
from hexa.files.actions.following import Follower
from hexa.files.index import DriveIndex, FeedPosition, IndexEntry
from hexa.files.models import Drive
from hexa.site.settings import installation
from tests.changes import RunningChanges, running_changes

# The follower has a connection of its own, which sees only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="session")
def service(store: None) -> Iterator[RunningChanges]:  # noqa: ARG001 # asked for its effect
    tls, port = installation.path("tls"), installation.ports.store_filer_grpc
    with running_changes(tls, port) as service:
        yield service


class Following:
    """A follower in a thread, as in the worker; it may stop and be followed by another."""

    def __init__(self, service: RunningChanges) -> None:
        self._service = service

    def start(self) -> None:
        self._follower = Follower(self._service.changes)
        self._thread = threading.Thread(target=self._follower.run)
        self._thread.start()

    def stop(self) -> None:
        self._follower.stopping.set()
        self._thread.join(20)
        assert not self._thread.is_alive()
        self._follower.release()


@pytest.fixture
def following(service: RunningChanges) -> Iterator[Following]:
    following = Following(service)
    following.start()
    yield following
    following.stop()


def known(drive: Drive) -> set[str]:
    return {row.key for row in IndexEntry.objects.filter(drive=drive)}


def soon(is_so: Callable[[], bool], *, seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.05)


def test_what_happens_in_the_store_is_found_within_seconds(
    drive: Drive, objects: ObjectStore, following: Following
) -> None:
    objects.put(drive.bucket, "a/x.csv", b"123")
    soon(lambda: known(drive) == {"a/", "a/x.csv"})
    objects.copy(drive.bucket, "a/x.csv", to_bucket=drive.bucket, to_key="b/x.csv")
    markers = objects.delete(drive.bucket, ["a/x.csv"])
    soon(lambda: known(drive) == {"b/", "b/x.csv"})
    objects.undelete(drive.bucket, markers)
    soon(lambda: known(drive) == {"a/", "a/x.csv", "b/", "b/x.csv"})

    following.stop()
    objects.delete(drive.bucket, ["b/x.csv"])
    objects.put(drive.bucket, "a/while-away.csv", b"1")
    following.start()
    soon(lambda: known(drive) == {"a/", "a/x.csv", "a/while-away.csv"})


def test_a_follower_outlives_the_service_it_listens_to(
    drive: Drive,
    objects: ObjectStore,
    service: RunningChanges,
    following: Following,  # noqa: ARG001 # asked for its effect
) -> None:
    objects.put(drive.bucket, "before.csv", b"123")
    soon(lambda: known(drive) == {"before.csv"})
    service.kill()
    objects.put(drive.bucket, "meanwhile.csv", b"123")
    service.start()
    soon(lambda: known(drive) == {"before.csv", "meanwhile.csv"}, seconds=15)


def test_only_one_follows_and_another_takes_over(
    drive: Drive, objects: ObjectStore, service: RunningChanges, following: Following
) -> None:
    soon(lambda: FeedPosition.objects.exclude(held_until=None).exists())
    holder = FeedPosition.objects.get().holder
    second = Following(service)
    second.start()
    try:
        objects.put(drive.bucket, "one.csv", b"1")
        soon(lambda: known(drive) == {"one.csv"})
        assert FeedPosition.objects.get().holder == holder
        following.stop()
        objects.put(drive.bucket, "two.csv", b"1")
        soon(lambda: known(drive) == {"one.csv", "two.csv"}, seconds=15)
        assert FeedPosition.objects.get().holder != holder
        following.start()
    finally:
        second.stop()


def test_where_the_stores_log_lost_what_was_noted_its_drives_are_swept(
    drive: Drive, objects: ObjectStore, following: Following
) -> None:
    objects.put(drive.bucket, "one.csv", b"1")
    soon(lambda: known(drive) == {"one.csv"})
    DriveIndex.objects.update(due_at="2100-01-01T00:00Z")
    following.stop()
    # As if the store had died with that change unwritten: its log holds no such moment.
    with connection.cursor() as cursor:
        cursor.execute("UPDATE files_feedposition SET at_ns = at_ns - 1")
    following.start()
    soon(lambda: DriveIndex.objects.get(drive=drive).due_at.year < 2100, seconds=15)
