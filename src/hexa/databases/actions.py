"""Making a workspace's database, and letting sessions in."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from psycopg.conninfo import conninfo_to_dict

from hexa.backends.postgres.logins import Logins
from hexa.backends.postgres.provisioning import Workspaces
from hexa.databases.models import Database, name_for
from hexa.workspaces.models import Workspace


@dataclass(frozen=True, slots=True)
class Entrance:
    """What a session needs to connect."""

    host: str
    port: int
    database: str
    user: str
    password: str


class DatabaseProvisioner:
    def provision(self, workspace: Workspace) -> None:
        name = name_for(workspace)
        Workspaces(settings.DATABASE_DSN).create(name)
        Database.objects.create(workspace=workspace, name=name)

    def deprovision(self, workspace: Workspace) -> None:
        Workspaces(settings.DATABASE_DSN).drop(name_for(workspace))
        Database.objects.filter(workspace=workspace).delete()


def open_entrance(
    workspace: Workspace, *, login: str, write: bool, until: datetime
) -> Entrance:
    """A login of its own for one session, valid until then."""
    database = Database.objects.get(workspace=workspace)
    credentials = Logins(settings.DATABASE_DSN).open(
        database.name, login=login, write=write, until=until
    )
    server = conninfo_to_dict(settings.DATABASE_DSN)
    return Entrance(
        host=str(server.get("host", "127.0.0.1")),
        port=int(server.get("port") or 5432),
        database=database.name,
        user=credentials.user,
        password=credentials.password,
    )


def close_entrance(*, login: str) -> None:
    Logins(settings.DATABASE_DSN).close(login)
