"""The real services that tests inside this process talk to."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator

import psycopg

from hexa.backends.postgres import provisioning
from hexa.backends.postgres.embedded import Cluster
from hexa.backends.storage import seaweedfs
from hexa.site.installation import Installation
from hexa.site.supervisor.components.store import ports_of
from tests.stores import RunningStore


@contextlib.contextmanager
def running_postgres(installation: Installation) -> Iterator[Cluster]:
    """The server `hexa up` would run, on the installation's port."""
    cluster = Cluster(
        folder=installation.path("postgres"),
        port=installation.ports.postgres,
        password=installation.secret("postgres-superuser"),
    )
    cluster.prepare()
    process = subprocess.Popen(
        cluster.command(),
        env=cluster.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 30
        while not _answers(cluster):
            assert process.poll() is None, "PostgreSQL ended"
            assert time.monotonic() < deadline, "PostgreSQL does not answer"
            time.sleep(0.05)
        provisioning.bootstrap(
            cluster.conninfo(),
            platform_password=installation.secret("postgres"),
            hub_password=installation.secret("hub-db"),
        )
        with psycopg.connect(cluster.conninfo(), autocommit=True) as connection:
            # Django makes and drops its test database from this one.
            connection.execute("GRANT CONNECT ON DATABASE postgres TO hexa")
        yield cluster
    finally:
        stop(process)


def _answers(cluster: Cluster) -> bool:
    try:
        psycopg.connect(cluster.conninfo()).close()
    except psycopg.OperationalError:
        return False
    return True


@contextlib.contextmanager
def running_store(installation: Installation) -> Iterator[RunningStore]:
    """The object store `hexa up` would run, on the installation's ports."""
    store = RunningStore(
        installation.path("store"),
        installation.path("tls"),
        ports_of(installation.ports),
        public_url="http://testserver",
        key=seaweedfs.Key(
            installation.secret("store-admin-id"),
            installation.secret("store-admin-secret"),
        ),
    )
    try:
        store.start()
        yield store
    finally:
        store.stop()


def stop(process: subprocess.Popen[bytes]) -> None:
    """As the supervisor does: the whole group, since walls let signals pass through."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)
    process.wait(timeout=30)
