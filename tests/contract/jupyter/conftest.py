from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.jupyter.platform import Platform, running_platform


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    folder: Path = tmp_path_factory.mktemp("platform")
    with running_platform(folder) as running:
        yield running
