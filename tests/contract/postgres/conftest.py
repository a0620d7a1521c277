import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from psycopg.conninfo import make_conninfo

from hexa.backends.postgres import embedded, provisioning
from hexa.backends.postgres.embedded import Cluster
from hexa.backends.postgres.provisioning import Workspaces
from hexa.site.installation import is_free

SOURCES = [found.source for found in embedded.available()]


@pytest.fixture(scope="module", params=dict.fromkeys(SOURCES))
def cluster(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """A server of each kind that this machine can run."""
    folder = tmp_path_factory.mktemp("postgres")
    (folder / "binaries").write_text(request.param, encoding="utf-8")
    port = next(port for port in range(19_500, 19_600) if is_free(port))
    cluster = Cluster(folder=folder, port=port, password="for the superuser")
    cluster.prepare()
    process = subprocess.Popen(
        cluster.command(),
        env=cluster.environment,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 30
        while not asyncio.run(cluster.is_ready()):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        provisioning.bootstrap(
            cluster.conninfo(), platform_password="platform", hub_password="hub"
        )
        yield cluster
    finally:
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(timeout=30) == 0


@pytest.fixture(scope="module")
def platform(cluster: Cluster) -> str:
    """Conninfo of the role that the web uses."""
    return make_conninfo(
        host="127.0.0.1",
        port=cluster.port,
        user="hexa",
        password="platform",
        dbname="hexa",
    )


@pytest.fixture(scope="module")
def workspaces(platform: str) -> Workspaces:
    return Workspaces(platform)


@pytest.fixture
def later() -> datetime:
    return datetime.fromtimestamp(time.time() + 3600, tz=UTC)
