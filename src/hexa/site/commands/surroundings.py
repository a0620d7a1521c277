"""What this machine offers: looked at by `hexa doctor`, told by `hexa up`."""

import ctypes
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import hexa
from hexa.backends.folders import fuse
from hexa.backends.postgres import embedded
from hexa.backends.sandbox import walls
from hexa.site import settings
from hexa.site.installation import ROOM_NEEDED, Installation, is_free
from hexa.site.supervisor import status

_LOW_ROOM = 5 * 2**30
_PATIENCE_S = 10
# Of adjtimex(2): the answer of a clock that nothing keeps, and more than its structure.
_UNSYNCHRONISED = 5
_ROOM_FOR_TIMEX = 512
_libc = ctypes.CDLL(None)


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    ok: bool
    finding: str
    remedy: str = ""
    # Without it the platform runs, with less.
    is_optional: bool = False


def all_of_it() -> Iterator[Finding]:
    yield _data_folder()
    yield _disk()
    yield _port()
    yield _bubblewrap()
    yield _database()
    yield _clock()
    yield from optional()


def optional() -> list[Finding]:
    return [_fuse(), _r(), _postgis()]


def _data_folder() -> Finding:
    place = next(p for p in (settings.DATA, *settings.DATA.parents) if p.exists())
    ok = os.access(place, os.W_OK | os.X_OK)
    return Finding(
        "data folder",
        ok,
        f"{settings.DATA} {'is' if ok else 'is not'} writable",
        "Give it to the user who runs `hexa up`, or set HEXA_DATA.",
    )


def _disk() -> Finding:
    place = next(p for p in (settings.DATA, *settings.DATA.parents) if p.exists())
    free = shutil.disk_usage(place).free
    return Finding(
        "disk",
        free > max(_LOW_ROOM, ROOM_NEEDED),
        f"{free / 2**30:.1f} GiB free for {settings.DATA}",
        "Make room, or set HEXA_DATA to a larger disk.",
    )


def _port() -> Finding:
    running = status.ask(Installation(settings.DATA.resolve()).status_socket)
    place = f"port {settings.PORT} of {settings.ADDRESS}"
    if running is not None:
        return Finding("port", ok=True, finding=f"{place} is served by this platform")
    ok = is_free(settings.PORT, settings.ADDRESS)
    return Finding(
        "port",
        ok,
        f"{place} is {'free' if ok else 'taken'}",
        "Stop what listens there, or set HEXA_PORT.",
    )


def _bubblewrap() -> Finding:
    remedy = "Allow unprivileged user namespaces, or run as root."
    try:
        program = walls.bubblewrap()
    except FileNotFoundError:
        return Finding("bubblewrap", False, "is missing", "apt-get install bubblewrap")  # noqa: FBT003
    try:
        done = subprocess.run(
            [program, "--ro-bind", "/", "/", "--unshare-pid", "/usr/bin/true"],
            check=False,
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding("bubblewrap", ok=False, finding=str(error), remedy=remedy)
    said = "makes walls" if done.returncode == 0 else done.stderr.strip()[:200]
    return Finding("bubblewrap", done.returncode == 0, said, remedy)


def _database() -> Finding:
    if settings.DATABASE_URL:
        return Finding("database", ok=True, finding="yours, by HEXA_DATABASE_URL")
    try:
        found = _cluster().binaries()
        version = found.version
    except embedded.Unusable as unusable:
        return Finding(
            "database", ok=False, finding=unusable.cause, remedy=unusable.remedy
        )
    return Finding(
        "database", ok=True, finding=f"PostgreSQL {version} ({found.source})"
    )


def _clock() -> Finding:
    remedy = "Let something set the clock, for instance `apt-get install chrony`."
    if time.time() < Path(hexa.__file__).stat().st_mtime:
        said = "is earlier than this installation"
        return Finding("clock", ok=False, finding=said, remedy=remedy)
    ok = _libc.adjtimex(ctypes.create_string_buffer(_ROOM_FOR_TIMEX)) != _UNSYNCHRONISED
    said = (
        "is kept by a time server" if ok else "plausible, but no time server keeps it"
    )
    return Finding("clock", ok, said, remedy, is_optional=True)


def _fuse() -> Finding:
    reason = fuse.why_unavailable()
    if reason is None:
        return Finding("fuse", ok=True, finding="works", is_optional=True)
    what = "FUSE: buckets do not appear as folders (addresses work)"
    return Finding("fuse", ok=False, finding=what, remedy=reason, is_optional=True)


def _r() -> Finding:
    kernel = any(
        Path(root, "jupyter/kernels/ir/kernel.json").exists()
        for root in ("/usr/share", "/usr/local/share")
    )
    what = "R: notebooks in R cannot be run"
    remedy = "apt-get install r-cran-irkernel"
    return Finding("r", kernel, "works" if kernel else what, remedy, is_optional=True)


def _postgis() -> Finding:
    what = "PostGIS: databases have no geometry"
    if settings.DATABASE_URL:
        return Finding(
            "postgis", ok=True, finding="your server's affair", is_optional=True
        )
    try:
        ok = _cluster().binaries().has_postgis
    except embedded.Unusable:
        ok = False
    remedy = "before the first start: apt-get install postgresql-postgis"
    return Finding("postgis", ok, "works" if ok else what, remedy, is_optional=True)


def _cluster() -> embedded.Cluster:
    return embedded.Cluster(settings.DATA.resolve() / "postgres", port=0, password="")
