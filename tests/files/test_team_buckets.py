"""Buckets that are kept elsewhere, as drives of a workspace."""

import pytest

from hexa.backends.storage.errors import EndpointNotAllowed, ObjectNotFound
from hexa.backends.storage.reach import Reach
from hexa.files.models import Drive
from hexa.files.queries.store import store_of
from hexakit import Address
from tests.foreign import Foreign, connect
from tests.makers import TESTS

pytestmark = pytest.mark.django_db


def test_a_drive_reads_and_writes_the_bucket_it_was_connected_to(
    foreign: Foreign,
) -> None:
    drive = connect(foreign)
    foreign.store.put(foreign.bucket, "data/été #1.csv", b"a,b\n")
    store = store_of(drive)
    assert store.list_page(drive.bucket).folders == ["data/"]
    assert store.read(drive.bucket, "data/été #1.csv", length=9) == b"a,b\n"
    store.put(drive.bucket, "out.csv", b"1")
    assert foreign.store.head(foreign.bucket, "out.csv").size_bytes == 1


def test_a_folder_of_a_bucket_is_all_that_its_drive_reaches(foreign: Foreign) -> None:
    foreign.store.put(foreign.bucket, "raw/2026/a.csv", b"in")
    foreign.store.put(foreign.bucket, "raw/b.csv", b"beside")
    drive = connect(foreign, prefix="raw/2026/")
    store = store_of(drive)
    assert [one.key for one in store.list_page(drive.bucket).objects] == ["a.csv"]
    with pytest.raises(ObjectNotFound):
        store.head(drive.bucket, "b.csv")
    store.put(drive.bucket, "c.csv", b"new")
    assert foreign.store.head(foreign.bucket, "raw/2026/c.csv").size_bytes == 3
    (marker,) = store.delete(drive.bucket, ["a.csv"])
    assert marker.key == "a.csv"
    store.undelete(drive.bucket, [marker])
    assert store.head(drive.bucket, "a.csv").key == "a.csv"


def test_names_and_addresses_of_folders_lead_to_each_other(foreign: Foreign) -> None:
    outer = connect(foreign, prefix="raw~%/")
    inner = connect(foreign, workspace=outer.workspace, prefix="raw~%/2026/")
    assert inner.name == f"s3:{foreign.bucket}~raw%7E%25~2026"
    address = inner.address_of("a b.csv")
    assert str(address) == f"s3://{foreign.bucket}/raw~%/2026/a b.csv"
    assert Address.of(f"{inner.name}/a b.csv") == address
    assert (
        Address.of(
            f"https://x.org/files/{inner.name}/a%20b.csv".replace(
                "%7E%25", "%257E%2525"
            )
        )
        == address
    )
    drives = Drive.objects.visible_to(TESTS).filter(workspace=outer.workspace)
    assert list(drives.holding(address)) == [inner, outer]
    assert drives.named(inner.name).get() == inner
    assert inner.key_of(address) == "a b.csv"


@pytest.mark.parametrize(
    ("address", "port", "is_allowed"),
    [
        ("52.218.0.1", 443, True),
        ("127.0.0.1", 443, False),
        ("::1", 443, False),
        ("::ffff:127.0.0.1", 443, False),
        ("169.254.169.254", 80, False),
        ("fd00:ec2::254", 80, False),
        ("fe80::1%eth0", 80, False),
        ("10.0.0.7", 443, False),
        ("0.0.0.0", 443, False),  # noqa: S104
        ("10.20.3.4", 443, True),
    ],
)
def test_only_public_addresses_and_those_the_operator_names_are_reached(
    address: str, port: int, is_allowed: bool
) -> None:
    assert Reach(("10.20.0.0/16",)).allows(address, port) is is_allowed


def test_the_platforms_own_ports_are_never_reached(foreign: Foreign) -> None:
    port = foreign.server.ports.s3
    assert Reach(("127.0.0.0/8",)).allows("127.0.0.1", port)
    assert not Reach(("127.0.0.0/8",), frozenset({port})).allows("127.0.0.1", port)


def test_a_name_that_comes_to_mean_another_address_is_refused_when_connected(
    foreign: Foreign,
) -> None:
    store = store_of(connect(foreign))
    store.list_page(foreign.bucket)
    # What was allowed when it was made is not now, as if the name had moved.
    client = store._s3  # type: ignore[attr-defined]  # noqa: SLF001
    client._endpoint.http_session.close()  # noqa: SLF001
    Reach().hold(client)
    with pytest.raises(EndpointNotAllowed):
        store.list_page(foreign.bucket)
