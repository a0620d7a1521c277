"""Logins of their own for sessions and runs, instead of one shared password.

A login stands in for the workspace's `_rw` or `_ro` role: what it makes belongs to
that role, so that it stays when the login is closed.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql

from hexa.backends.postgres.provisioning import Credentials

_LOGIN = re.compile(r"[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class Logins:
    """`server` is the platform's conninfo; its role made the workspaces' roles."""

    server: str

    def open(
        self, database: str, *, login: str, write: bool, until: datetime
    ) -> Credentials:
        """A login valid until then; one of the same name is replaced."""
        if not _LOGIN.fullmatch(login):
            raise ValueError(login)
        role = f"{database}_{'rw' if write else 'ro'}"
        credentials = Credentials(login, secrets.token_urlsafe(24))
        with psycopg.connect(self.server, autocommit=True) as connection:
            _close(connection, login)
            verifier = connection.pgconn.encrypt_password(
                credentials.password.encode(), login.encode(), b"scram-sha-256"
            )
            connection.execute(
                sql.SQL(
                    "CREATE ROLE {login} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE"
                    " CONNECTION LIMIT 20 PASSWORD {verifier} VALID UNTIL {until}"
                    " IN ROLE {role}"
                ).format(
                    login=sql.Identifier(login),
                    verifier=sql.Literal(verifier.decode()),
                    until=sql.Literal(until.isoformat()),
                    role=sql.Identifier(role),
                )
            )
            # Who may end its connections is who has its privileges.
            connection.execute(
                sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(login))
            )
            for setting, value in _settings_of(connection, role):
                connection.execute(
                    sql.SQL("ALTER ROLE {} SET {} = {}").format(
                        sql.Identifier(login),
                        sql.Identifier(setting),
                        sql.Literal(value),
                    )
                )
            connection.execute(
                sql.SQL("ALTER ROLE {} IN DATABASE {} SET role = {}").format(
                    sql.Identifier(login), sql.Identifier(database), sql.Literal(role)
                )
            )
        return credentials

    def close(self, login: str) -> None:
        """Ends its connections and removes it; absent is fine."""
        with psycopg.connect(self.server, autocommit=True) as connection:
            _close(connection, login)


def _close(connection: psycopg.Connection[tuple[object, ...]], login: str) -> None:
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [login])
    if found.fetchone() is None:
        return
    name = sql.Identifier(login)
    connection.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(name))
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s",
        [login],
    )
    connection.execute(sql.SQL("DROP ROLE {}").format(name))


def _settings_of(
    connection: psycopg.Connection[tuple[object, ...]], role: str
) -> list[tuple[str, str]]:
    """Role settings are not inherited: timeouts and read-only must be repeated."""
    row = connection.execute(
        "SELECT setconfig FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole"
        " WHERE r.rolname = %s AND s.setdatabase = 0",
        [role],
    ).fetchone()
    entries = row[0] if row and isinstance(row[0], list) else []
    return [(name, value) for name, _, value in (e.partition("=") for e in entries)]
