from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.sandbox.keeping import RunningKeeper, running_keeper


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[RunningKeeper]:
    with running_keeper(tmp_path) as running:
        yield running
