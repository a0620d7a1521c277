"""Nobody gets from one workspace's database into another, or out of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import psycopg
import pytest
from psycopg import errors

from hexa.backends.postgres.embedded import Cluster
from hexa.backends.postgres.logins import Logins
from hexa.backends.postgres.provisioning import (
    Access,
    BadName,
    Credentials,
    Taken,
    Workspaces,
)

Connection = psycopg.Connection[tuple[object, ...]]


@contextmanager
def signed_in(
    cluster: Cluster, who: Credentials, database: str
) -> Iterator[Connection]:
    with psycopg.connect(
        host="127.0.0.1",
        port=cluster.port,
        user=who.user,
        password=who.password,
        dbname=database,
        autocommit=True,
    ) as connection:
        yield connection


@pytest.fixture(scope="module")
def malaria(workspaces: Workspaces) -> Iterator[Access]:
    yield workspaces.create("malaria")
    workspaces.drop("malaria")


@pytest.fixture(scope="module")
def nutrition(workspaces: Workspaces) -> Iterator[Access]:
    yield workspaces.create("nutrition")
    workspaces.drop("nutrition")


def test_a_reader_reads_what_the_writer_makes_and_writes_nothing(
    cluster: Cluster, malaria: Access
) -> None:
    with (
        signed_in(cluster, malaria.writer, "malaria") as writer,
        signed_in(cluster, malaria.reader, "malaria") as reader,
    ):
        writer.execute("CREATE TABLE cases (id serial PRIMARY KEY, district text)")
        writer.execute("INSERT INTO cases (district) VALUES ('Ségou')")
        writer.execute("CREATE SCHEMA staging")
        writer.execute("CREATE TABLE staging.raw AS SELECT 1 AS a")

        assert reader.execute("SELECT district FROM cases").fetchall() == [("Ségou",)]
        assert reader.execute("SELECT a FROM staging.raw").fetchall() == [(1,)]
        reader.execute("SET default_transaction_read_only = off")
        for statement in (
            "INSERT INTO cases (district) VALUES ('x')",
            "DELETE FROM cases",
            "DROP TABLE cases",
            "CREATE TABLE mine (a int)",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                reader.execute(statement)


def test_a_reader_is_read_only_from_the_start(
    cluster: Cluster, malaria: Access
) -> None:
    with signed_in(cluster, malaria.reader, "malaria") as reader:
        shown = reader.execute("SHOW default_transaction_read_only").fetchone()
        assert shown == ("on",)
        assert reader.execute("SHOW statement_timeout").fetchone() == ("5min",)


@pytest.mark.parametrize(
    "database", ["nutrition", "hexa", "hub", "postgres", "template1"]
)
def test_nobody_enters_another_database(
    cluster: Cluster, malaria: Access, nutrition: Access, database: str
) -> None:
    assert nutrition.database == "nutrition"
    for who in (malaria.writer, malaria.reader):
        with (
            pytest.raises(psycopg.OperationalError, match="permission denied"),
            signed_in(cluster, who, database),
        ):
            pass


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE ROLE intruder",
        "CREATE DATABASE mine",
        "COPY (SELECT 1) TO PROGRAM 'id'",
        "SELECT pg_read_file('/etc/passwd')",
        "SET ROLE hexa",
        "SET ROLE malaria_owner",
        "SET ROLE nutrition_rw",
        "CREATE EXTENSION file_fdw",
        "SELECT * FROM pg_authid",
        "ALTER ROLE malaria_rw SUPERUSER",
    ],
)
def test_a_writer_stays_inside(
    cluster: Cluster, malaria: Access, nutrition: Access, statement: str
) -> None:
    assert nutrition.writer.user == "nutrition_rw"
    with signed_in(cluster, malaria.writer, "malaria") as writer:
        with pytest.raises((errors.InsufficientPrivilege, errors.UndefinedFile)):
            writer.execute(statement)
        others = writer.execute(
            "SELECT query FROM pg_stat_activity WHERE usename NOT LIKE 'malaria%'"
            " AND query NOT IN ('', '<insufficient privilege>')"
        ).fetchall()
        assert others == []


@pytest.mark.parametrize("user", ["hexa", "hub", "postgres", "malaria_owner"])
def test_no_login_without_its_password(
    cluster: Cluster, malaria: Access, user: str
) -> None:
    wrong = Credentials(user, malaria.writer.password)
    with pytest.raises(psycopg.OperationalError), signed_in(cluster, wrong, "malaria"):
        pass


def test_a_database_starts_with_extensions(cluster: Cluster, malaria: Access) -> None:
    with signed_in(cluster, malaria.writer, "malaria") as writer:
        rows = writer.execute("SELECT extname FROM pg_extension").fetchall()
        found = {name for (name,) in rows}
        assert {"pg_trgm", "unaccent", "hstore"} <= found
        assert ("postgis" in found) is cluster.binaries().has_postgis


def test_the_platform_is_no_superuser(platform: str) -> None:
    with psycopg.connect(platform) as connection:
        row = connection.execute(
            "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        assert row == (False,)


def test_renewed_passwords_end_the_old_sessions(
    cluster: Cluster, workspaces: Workspaces
) -> None:
    before = workspaces.create("renewed")
    try:
        with signed_in(cluster, before.writer, "renewed") as writer:
            after = workspaces.renew_passwords("renewed")
            with pytest.raises(psycopg.OperationalError):
                writer.execute("SELECT 1")
        with (
            pytest.raises(psycopg.OperationalError),
            signed_in(cluster, before.writer, "renewed"),
        ):
            pass
        with signed_in(cluster, after.writer, "renewed") as writer:
            assert writer.execute("SELECT 1").fetchone() == (1,)
    finally:
        workspaces.drop("renewed")


def test_a_taken_name_is_refused_and_left_alone(
    cluster: Cluster, workspaces: Workspaces, malaria: Access
) -> None:
    with pytest.raises(Taken):
        workspaces.create("malaria")
    with signed_in(cluster, malaria.writer, "malaria") as writer:
        assert writer.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize(
    "name", ["hexa", "hub", "postgres", "1st", "Ségou", "a b", "x" * 60]
)
def test_names_that_are_not_a_workspaces_are_refused(
    workspaces: Workspaces, name: str
) -> None:
    with pytest.raises(BadName):
        workspaces.create(name)
    with pytest.raises(BadName):
        workspaces.drop(name)


def test_dropping_ends_sessions_and_leaves_nothing(
    cluster: Cluster, workspaces: Workspaces, platform: str
) -> None:
    access = workspaces.create("gone")
    with signed_in(cluster, access.writer, "gone"):
        workspaces.drop("gone")
    with psycopg.connect(platform) as connection:
        left = connection.execute(
            "SELECT rolname FROM pg_roles WHERE rolname LIKE 'gone%'"
            " UNION ALL SELECT datname FROM pg_database WHERE datname = 'gone'"
        ).fetchall()
        assert left == []
    workspaces.drop("gone")


def test_a_login_of_a_session_stands_in_for_its_role(
    cluster: Cluster, platform: str, malaria: Access, later: datetime
) -> None:
    logins = Logins(platform)
    database = malaria.database
    writer = logins.open(database, login="session_7", write=True, until=later)
    with signed_in(cluster, writer, "malaria") as session:
        session.execute("CREATE TABLE by_session (a int)")
        owner = session.execute(
            "SELECT tableowner FROM pg_tables WHERE tablename = 'by_session'"
        ).fetchone()
        assert owner == ("malaria_rw",)
        logins.close("session_7")
        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT 1")
    reader = logins.open(database, login="session_8", write=False, until=later)
    with signed_in(cluster, reader, "malaria") as session:
        assert session.execute("SELECT * FROM by_session").fetchall() == []
        with pytest.raises(
            (errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction)
        ):
            session.execute("INSERT INTO by_session VALUES (1)")
    logins.close("session_8")
    logins.close("session_8")
