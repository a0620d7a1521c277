"""A PostgreSQL server of the operator's own, by HEXA_DATABASE_URL."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from hexa.backends.postgres.provisioning import Workspaces
from hexa.site.installation import Installation
from tests.platforms import platform_in
from tests.services import running_postgres

# Whole platforms start here, on machines that may be busy.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Conninfo of a role that makes databases and roles, on a server with nothing."""
    elsewhere = Installation(tmp_path / "elsewhere")
    with elsewhere.held():
        port = elsewhere.choose_ports().postgres
        with running_postgres(elsewhere) as cluster:
            with psycopg.connect(cluster.conninfo(), autocommit=True) as connection:
                for statement in (
                    "ALTER DATABASE hexa_template IS_TEMPLATE false",
                    "DROP DATABASE hexa_template",
                    "DROP DATABASE hub",
                    "DROP ROLE hub",
                ):
                    connection.execute(statement)
            yield f"postgresql://hexa:{elsewhere.secret('postgres')}@127.0.0.1:{port}/hexa"


def test_the_platform_uses_it_and_runs_none(server: str, tmp_path: Path) -> None:
    with platform_in(tmp_path, HEXA_DATABASE_URL=server) as platform:
        platform.start()
        told = platform.status()
        assert told is not None
        assert "postgres" not in {each["name"] for each in told["components"]}
        access = Workspaces(server).create("malaria")
        assert access.writer.user == "malaria_rw"
        assert platform.stop() == 0


def test_a_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    url = "postgresql://hexa:x@127.0.0.1:1/hexa"
    with platform_in(tmp_path, HEXA_DATABASE_URL=url) as platform:
        done = platform.run("up")
    assert done.returncode == 1
    assert "The server of HEXA_DATABASE_URL does not answer" in done.stderr
