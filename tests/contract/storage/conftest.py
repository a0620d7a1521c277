import secrets
from collections.abc import Callable, Iterator

import pytest

from hexa.backends.storage.store import ObjectStore
from tests.google.running import RunningGoogle, running_google
from tests.stores import RunningStore, running_store

Server = RunningStore | RunningGoogle


@pytest.fixture(scope="session")
def seaweedfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    with running_store(tmp_path_factory.mktemp("seaweedfs")) as server:
        yield server


@pytest.fixture(scope="session")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGoogle]:
    with running_google(tmp_path_factory.mktemp("google") / "log") as found:
        yield RunningGoogle(found)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What every store does is asked of each; a module may name whom it is about."""
    if "server" in metafunc.fixturenames:
        about = getattr(metafunc.module, "SERVERS", ["seaweedfs", "google"])
        metafunc.parametrize("server", about, indirect=True, scope="session")


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def store(server: Server) -> ObjectStore:
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
