"""Databases and the roles that may enter them.

    platform  role `hexa` makes workspaces' databases; not a superuser
    hub       role `hub` owns the hub's database and nothing else
    template  what every workspace's database starts as: the extensions

    workspace `malaria`
      malaria_owner   owns the database; nobody signs in as it
      malaria_rw      reads and writes; owns what it makes
      malaria_ro      reads, now and whatever `malaria_rw` makes later

Nobody but these enters a workspace's database. Passwords travel as SCRAM verifiers, so
that no log of the server can hold one.
"""

import contextlib
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

TEMPLATE = "hexa_template"
PLATFORM = "hexa"
HUB = "hub"
RESERVED = frozenset({PLATFORM, HUB, TEMPLATE, "postgres", "template0", "template1"})
# Longer would not leave room for `_owner` in the 63 bytes of a name.
_NAME = re.compile(r"[a-z][a-z0-9_]{0,55}")
# The first ones help every team; PostGIS is there only where the system brings it.
_EXTENSIONS = ("pg_trgm", "unaccent", "hstore", "uuid-ossp", "pgcrypto", "postgis")

Connection = psycopg.Connection[tuple[object, ...]]


class BadName(ValueError):
    """Not a name that a workspace's database may have."""


class Taken(Exception):
    """A database or role of this name exists."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one workspace may take of the shared server."""

    connections: int = 20
    reading: str = "5min"
    writing: str = "1h"
    idle_in_transaction: str = "15min"


@dataclass(frozen=True, slots=True)
class Credentials:
    user: str
    password: str


@dataclass(frozen=True, slots=True)
class Access:
    """The two logins of a workspace's database."""

    database: str
    writer: Credentials
    reader: Credentials


def bootstrap(server: str, *, platform_password: str, hub_password: str) -> None:
    """What an embedded server needs before anything else; safe to repeat.

    `server` is the superuser's conninfo.
    """
    with _connected(server) as connection:
        for database in ("postgres", "template1"):
            _run(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", database)
        _ensure_role(connection, PLATFORM, platform_password, "CREATEDB CREATEROLE")
        _ensure_role(connection, HUB, hub_password)
        for name in (PLATFORM, HUB):
            _ensure_database(connection, name)
        made = _ensure_template(connection)
    if made:
        _fill_template(server)


def ensure_hub(server: str, *, password: str) -> None:
    """The hub's role and database on a server that is not ours; safe to repeat.

    The role of `server` needs CREATEDB and CREATEROLE.
    """
    with _connected(server) as connection:
        _ensure_role(connection, HUB, password)
        _run(connection, "GRANT {} TO CURRENT_USER", HUB)
        _ensure_database(connection, HUB)


@dataclass(frozen=True, slots=True)
class Workspaces:
    """The databases of workspaces on one server; `server` is the platform's conninfo."""

    server: str
    limits: Limits = Limits()

    def create(self, name: str) -> Access:
        """Whole or not at all. Raises BadName, Taken."""
        _check(name)
        with _connected(self.server) as connection:
            if _exists(connection, name):
                raise Taken(name)
            try:
                return self._create(connection, name)
            except BaseException:
                self._drop(connection, name)
                raise

    def drop(self, name: str) -> None:
        """Ends its sessions and deletes it with its roles; absent is fine."""
        _check(name)
        with _connected(self.server) as connection:
            self._drop(connection, name)

    def renew_passwords(self, name: str) -> Access:
        """New passwords for both logins; running sessions of the old ones end."""
        _check(name)
        with _connected(self.server) as connection:
            access = _fresh_access(name)
            for login in (access.writer, access.reader):
                _set_password(connection, login)
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE usename = %s",
                    [login.user],
                )
            return access

    def size_bytes(self, name: str) -> int:
        """Disk space of one database, its indexes included."""
        _check(name)
        with _connected(self.server) as connection:
            row = connection.execute("SELECT pg_database_size(%s)", [name]).fetchone()
        return int(str(row[0])) if row else 0

    def _create(self, connection: Connection, name: str) -> Access:
        access = _fresh_access(name)
        owner = f"{name}_owner"
        _run(connection, "CREATE ROLE {} NOLOGIN", owner)
        _run(connection, "GRANT {} TO CURRENT_USER", owner)
        for login in (access.writer, access.reader):
            self._create_login(connection, login)
        template = TEMPLATE if _has_template(connection) else "template0"
        _run(
            connection, "CREATE DATABASE {} OWNER {} TEMPLATE {}", name, owner, template
        )
        _run(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", name)
        writer, reader = access.writer.user, access.reader.user
        everything = "GRANT CONNECT, TEMPORARY, CREATE ON DATABASE {} TO {}"
        _run(connection, everything, name, writer)
        _run(connection, "GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}", name, reader)
        with _connected(self.server, database=name) as inside:
            _share_schema(inside, writer=writer, reader=reader)
            if template != TEMPLATE:
                _add_extensions(inside)
        return access

    def _create_login(self, connection: Connection, login: Credentials) -> None:
        limits = self.limits
        options = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT"
        _run(connection, f"CREATE ROLE {{}} {options}", login.user)
        _set_password(connection, login)
        _run(connection, "GRANT {} TO CURRENT_USER", login.user)
        _run(
            connection,
            f"ALTER ROLE {{}} CONNECTION LIMIT {limits.connections:d}",
            login.user,
        )
        reads = login.user.endswith("_ro")
        kept = {
            "statement_timeout": limits.reading if reads else limits.writing,
            "idle_in_transaction_session_timeout": limits.idle_in_transaction,
            "default_transaction_read_only": "on" if reads else "off",
        }
        for setting, value in kept.items():
            statement = sql.SQL("ALTER ROLE {} SET {} = {}").format(
                sql.Identifier(login.user), sql.Identifier(setting), sql.Literal(value)
            )
            connection.execute(statement)

    def _drop(self, connection: Connection, name: str) -> None:
        _run(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        for suffix in ("ro", "rw", "owner"):
            _run(connection, "DROP ROLE IF EXISTS {}", f"{name}_{suffix}")


def _check(name: str) -> None:
    if name in RESERVED or not _NAME.fullmatch(name):
        raise BadName(name)


def _fresh_access(name: str) -> Access:
    return Access(
        database=name,
        writer=Credentials(f"{name}_rw", secrets.token_urlsafe(24)),
        reader=Credentials(f"{name}_ro", secrets.token_urlsafe(24)),
    )


def _exists(connection: Connection, name: str) -> bool:
    roles = [f"{name}_{suffix}" for suffix in ("owner", "rw", "ro")]
    found = connection.execute(
        "SELECT 1 FROM pg_database WHERE datname = %s"
        " UNION ALL SELECT 1 FROM pg_roles WHERE rolname = ANY(%s)",
        [name, roles],
    )
    return found.fetchone() is not None


def _share_schema(inside: Connection, *, writer: str, reader: str) -> None:
    _run(inside, "REVOKE ALL ON SCHEMA public FROM PUBLIC")
    _run(inside, "GRANT ALL ON SCHEMA public TO {}", writer)
    _run(inside, "GRANT USAGE ON SCHEMA public TO {}", reader)
    for grant in ("SELECT ON TABLES", "SELECT ON SEQUENCES", "USAGE ON SCHEMAS"):
        default = f"ALTER DEFAULT PRIVILEGES FOR ROLE {{}} GRANT {grant} TO {{}}"
        _run(inside, default, writer, reader)


def _add_extensions(inside: Connection) -> None:
    """Those the server has and lets us create; PostGIS asks for a superuser."""
    rows = inside.execute("SELECT name FROM pg_available_extensions")
    available = {str(name) for (name,) in rows}
    for name in _EXTENSIONS:
        if name in available:
            with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
                _run(inside, "CREATE EXTENSION IF NOT EXISTS {}", name)


def _ensure_role(
    connection: Connection, name: str, password: str, options: str = ""
) -> None:
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
    if found.fetchone() is None:
        _run(connection, f"CREATE ROLE {{}} LOGIN {options}", name)
    _set_password(connection, Credentials(name, password))


def _ensure_database(connection: Connection, name: str) -> None:
    """With a role of the same name as its owner, and closed to others."""
    if not _has_database(connection, name):
        _run(connection, "CREATE DATABASE {} OWNER {} TEMPLATE template0", name, name)
    _run(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", name)


def _has_database(connection: Connection, name: str) -> bool:
    found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
    return found.fetchone() is not None


def _has_template(connection: Connection) -> bool:
    found = connection.execute(
        "SELECT 1 FROM pg_database WHERE datname = %s AND datistemplate", [TEMPLATE]
    )
    return found.fetchone() is not None


def _ensure_template(connection: Connection) -> bool:
    if _has_template(connection):
        return False
    if not _has_database(connection, TEMPLATE):
        _run(connection, "CREATE DATABASE {} TEMPLATE template0", TEMPLATE)
    return True


def _fill_template(server: str) -> None:
    with _connected(server, database=TEMPLATE) as inside:
        _add_extensions(inside)
    with _connected(server) as connection:
        closed = "ALTER DATABASE {} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false"
        _run(connection, closed, TEMPLATE)


def _set_password(connection: Connection, login: Credentials) -> None:
    verifier = connection.pgconn.encrypt_password(
        login.password.encode(), login.user.encode(), b"scram-sha-256"
    )
    statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(
        sql.Identifier(login.user), sql.Literal(verifier.decode())
    )
    connection.execute(statement)


def _run(connection: Connection, template: str, *names: str) -> None:
    identifiers = [sql.Identifier(name) for name in names]
    # Templates are constants of this module; what varies are quoted identifiers.
    connection.execute(sql.SQL(template).format(*identifiers))


@contextlib.contextmanager
def _connected(server: str, *, database: str = "") -> Iterator[Connection]:
    """In autocommit: databases cannot be made in a transaction."""
    conninfo = make_conninfo(server, dbname=database) if database else server
    with psycopg.connect(conninfo, autocommit=True) as connection:
        yield connection
