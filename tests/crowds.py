"""A team's store with a folder of a million files, and a door that counts requests."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.relays import Relay, relay_to
from tests.stores import RunningStore, running_store
from tests.stores_filled import fill

FEW = 200
MANY = int(os.environ.get("MANY_FILES", "1_000_000"))
# What is read for the index as well: a second of a processor for every 3 000.
INDEXED = 5_000


@dataclass(frozen=True, slots=True)
class Crowd:
    """`crowded` holds the folders `few` and `many`, `indexed` holds `some`."""

    server: RunningStore
    relay: Relay
    crowded: str = "team-crowded"
    indexed: str = "team-indexed"


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    with (
        running_store(tmp_path_factory.mktemp("crowd")) as server,
        relay_to(server.ports.s3) as relay,
    ):
        found = Crowd(server, relay)
        for bucket in (found.crowded, found.indexed):
            server.connect().create_bucket(bucket)
        with server.standing_still() as home:
            fill(home, bucket=found.crowded, folder="few", count=FEW)
            fill(home, bucket=found.crowded, folder="many", count=MANY)
            fill(home, bucket=found.indexed, folder="some", count=INDEXED)
        yield found
