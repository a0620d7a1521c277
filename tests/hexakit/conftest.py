import subprocess
from pathlib import Path

import pytest
from hypothesis import settings

# How long one example takes says something of the machine, nothing of us.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

PACKAGE = Path(__file__).parents[2] / "packages" / "hexakit" / "r" / "hexakit"


@pytest.fixture(scope="session")
def r_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With our R package, installed as in a sandbox: base R and nothing else."""
    library = tmp_path_factory.mktemp("r")
    subprocess.run(
        ["R", "CMD", "INSTALL", "--no-docs", f"--library={library}", str(PACKAGE)],
        check=True,
        capture_output=True,
    )
    return library
