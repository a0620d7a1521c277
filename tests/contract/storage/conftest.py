import secrets
from collections.abc import Callable, Iterator

import pytest

from hexa.backends.storage.store import ObjectStore
from tests.stores import RunningStore, running_store


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    with running_store(tmp_path_factory.mktemp("seaweedfs")) as server:
        yield server


@pytest.fixture(scope="session")
def store(server: RunningStore) -> ObjectStore:
    return server.connect()


MakeBucket = Callable[[], str]


@pytest.fixture
def make_bucket(store: ObjectStore) -> Iterator[MakeBucket]:
    made: list[str] = []

    def make() -> str:
        made.append(f"test-{secrets.token_hex(6)}")
        store.create_bucket(made[-1])
        return made[-1]

    yield make
    for name in made:
        store.delete_bucket(name)


@pytest.fixture
def bucket(make_bucket: MakeBucket) -> str:
    return make_bucket()
