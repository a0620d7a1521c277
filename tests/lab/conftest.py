import secrets
import time
from collections.abc import Callable, Iterator

import pytest
from tests.lab.platform import Platform
from tests.lab.server import Lab
from tests.lab.store import Store
from tests.ports import store_ports

Drive = Callable[..., str]


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(tmp_path_factory.mktemp("store"), store_ports())
    store.start()
    yield store
    store.stop()


@pytest.fixture(scope="session")
def running_platform(store: Store) -> Iterator[Platform]:
    platform = Platform(store)
    platform.start()
    yield platform
    platform.stop()


@pytest.fixture(scope="session")
def running_lab(
    running_platform: Platform, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lab]:
    lab = Lab(tmp_path_factory.mktemp("lab"), running_platform)
    lab.start()
    yield lab
    lab.stop()


@pytest.fixture
def platform(running_platform: Platform) -> Platform:
    running_platform.reset()
    return running_platform


@pytest.fixture
def lab(running_lab: Lab, platform: Platform) -> Lab:
    """With a drive list that no earlier test left behind."""
    time.sleep(0.25)
    assert platform is running_lab.platform
    return running_lab


@pytest.fixture
def make_drive(store: Store, platform: Platform) -> Drive:
    """Makes a bucket and gives the session access; answers the drive's name."""

    def make(access: str = "write") -> str:
        bucket = f"drive-{secrets.token_hex(4)}"
        store.make_bucket(bucket)
        platform.drives[bucket] = access
        time.sleep(0.25)
        return f"s3:{bucket}"

    return make


@pytest.fixture
def drive(make_drive: Drive) -> str:
    return make_drive()
