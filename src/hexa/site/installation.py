"""The data folder: what one installation of the platform keeps, and where.

    VERSION        format of this folder; a newer one is refused
    ports.json     internal ports, chosen once, chosen again where taken
    secrets/       one file per secret, 0600, made at first start
    tls/           certificate authority and keys of the object store
    postgres/  store/  hub/  homes/<home id>/  static/
    logs/          <component>.log
    run/           sockets, process records, the hub's configuration

Only the supervisor writes here. Everything else reads, and must be able to import the
settings where no data folder exists yet (mypy, makemigrations): a missing secret is an
empty text and a missing port is 0. A folder without VERSION holds nothing of ours, so
a first start that fails half-way leaves nothing behind.
"""

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import random
import secrets
import shutil
import socket
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from hexa.backends.sandbox import walls
from hexa.foundation.keyring import Ring

FORMAT = 1
FOLDERS = ("tls", "postgres", "store", "hub", "homes", "static", "logs", "run")
ROOM_NEEDED = 300 * 2**20
# The kernel refuses longer socket addresses (108 bytes), names of ours included.
_LONGEST_SOCKET_FOLDER = 80
# Below the range from which the kernel takes ports for outgoing connections.
_PORT_RANGE = range(20_000, 32_768)
# The object store looks for its own second port at a fixed distance from the first.
_SECOND_PORT = {"store_admin": 10_000}


class Trouble(Exception):
    """Why the platform cannot start or go on, and what the operator can do."""

    def __init__(self, cause: str, remedy: str) -> None:
        self.cause = cause
        self.remedy = remedy
        super().__init__(f"{cause} {remedy}")


@dataclass(frozen=True, slots=True)
class Ports:
    """Internal ports on the loopback; 0 before the first start."""

    web: int = 0
    hub: int = 0
    proxy_api: int = 0
    postgres: int = 0
    store_s3: int = 0
    store_s3_grpc: int = 0
    store_master: int = 0
    store_master_grpc: int = 0
    store_volume: int = 0
    store_volume_grpc: int = 0
    store_filer: int = 0
    store_filer_grpc: int = 0
    store_admin: int = 0
    gateway: int = 0


def _token() -> str:
    return secrets.token_urlsafe(32)


def _hex_key() -> str:
    return secrets.token_hex(32)


def _access_key() -> str:
    return "HEXA" + secrets.token_hex(8).upper()


def _rsa_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def _key_ring() -> str:
    return Ring.made().written()


SECRETS: Mapping[str, Callable[[], str]] = {
    "django": _token,
    "postgres-superuser": _token,
    "postgres": _token,
    "hub-db": _token,
    "hub-service": _token,
    "hub-oidc": _token,
    "hub-crypt": _hex_key,
    "hub-cookie": _hex_key,
    "proxy": _token,
    "store-admin-id": _access_key,
    "store-admin-secret": _token,
    "oidc-key": _rsa_key,
    "key-ring": _key_ring,
    "gateway": _token,
}
# Of which a damaged one would be told by a component, late and in its own words. Not
# the key ring: without it all but connected buckets works, and the pages say so.
_CHECKED = tuple(name for name in SECRETS if name != "key-ring")
# Known to the supervisor alone; the others are read by web, worker and hub.
_SUPERVISOR_ONLY = frozenset({"postgres-superuser"})


class Installation:
    def __init__(self, data: Path) -> None:
        self.data = data

    def path(self, *parts: str) -> Path:
        return self.data.joinpath(*parts)

    def secret(self, name: str) -> str:
        """Empty before the first start, and for whom it is not meant."""
        if name not in SECRETS:
            raise KeyError(name)
        try:
            return self.path("secrets", name).read_text(encoding="utf-8").strip()
        except OSError:
            return ""

    @property
    def key_ring(self) -> Path:
        return self.path("secrets", "key-ring")

    @contextlib.contextmanager
    def changing_keys(self) -> Iterator[None]:
        """One at a time: of two, the first would retire the key of the second."""
        handle = os.open(self.path("secrets"), os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def keep(self, ring: Ring) -> None:
        """In place of the ring there was; running services read it from now on."""
        owner = walls.PLATFORM_UID
        _write(self.key_ring, f"{ring.written()}\n", mode=0o600, owner=owner)

    @property
    def ports(self) -> Ports:
        known = {field.name for field in fields(Ports)}
        try:
            stored = json.loads(self.path("ports.json").read_text(encoding="utf-8"))
            kept = {key: int(port) for key, port in stored.items() if key in known}
        except (OSError, ValueError, AttributeError):
            return Ports()
        return Ports(**kept)

    @property
    def all_ports(self) -> frozenset[int]:
        """With those that stand at a fixed distance from another."""
        chosen = asdict(self.ports)
        seconds = {chosen[name] + apart for name, apart in _SECOND_PORT.items()}
        return frozenset(chosen.values()) | seconds

    @property
    def sockets(self) -> Path:
        """The folder of UNIX sockets: `run`, or a short one where that is too deep."""
        run = self.path("run")
        if len(os.fsencode(run)) <= _LONGEST_SOCKET_FOLDER:
            return run
        mark = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"hexa-{mark}"

    @property
    def keeper_socket(self) -> Path:
        return self.sockets / "keeper.sock"

    @property
    def folders_socket(self) -> Path:
        return self.sockets / "folders.sock"

    @property
    def changes_socket(self) -> Path:
        """In a folder of its own, which the store's uid may write."""
        return self.sockets / "changes" / "feed.sock"

    @property
    def status_socket(self) -> Path:
        return self.sockets / "status.sock"

    @property
    def is_created(self) -> bool:
        return self.path("VERSION").exists()

    @contextlib.contextmanager
    def held(self) -> Iterator[bool]:
        """Holds the folder for one supervisor; made and filled first where absent.

        Yields whether this is the first start. Raises Trouble when another supervisor
        holds it, or it is not ours, not writable, full or of a newer version.
        """
        made = _make_folder(self.data)
        try:
            handle = os.open(self.data, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise _unwritable(self.data, error) from error
        try:
            first = self._take(handle)
        except BaseException:
            for folder in made:
                # Kept when someone else's file has appeared in it meanwhile.
                with contextlib.suppress(OSError):
                    folder.rmdir()
            os.close(handle)
            raise
        try:
            yield first
        finally:
            os.close(handle)

    def choose_ports(self) -> Ports:
        """The ports of this run: the stored ones, replaced where something has them."""
        stored = asdict(self.ports)
        taken = set(stored.values())
        chosen: dict[str, int] = {}
        for name, port in stored.items():
            distance = _SECOND_PORT.get(name, 0)
            keeps = port and is_free(port) and is_free(port + distance)
            chosen[name] = port if keeps else _free_port(taken, distance)
            taken.add(chosen[name])
        if chosen != stored:
            path = self.path("ports.json")
            _write(path, json.dumps(chosen, indent=2) + "\n", mode=0o644)
        return Ports(**chosen)

    def write_private(self, name: str, text: str, *, uid: int) -> Path:
        """A file in `run` that one service alone may read."""
        path = self.path("run", name)
        _write(path, text, mode=0o600, owner=uid)
        return path

    def _take(self, handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Trouble(
                f"Another `hexa up` is running on {self.data}.",
                "Stop it first, or give this one its own HEXA_DATA and HEXA_PORT.",
            ) from None
        self._check_room()
        first = not self.is_created
        try:
            if first:
                self._create()
            self._check_version()
            self._complete(self.data)
            self._check_secrets()
        except OSError as error:
            raise _unwritable(self.data, error) from error
        return first

    def _check_room(self) -> None:
        free = shutil.disk_usage(self.data).free
        if free < ROOM_NEEDED:
            raise Trouble(
                f"Only {free // 2**20} MB are free for the data folder {self.data}.",
                f"Make room (at least {ROOM_NEEDED // 2**20} MB) or set HEXA_DATA.",
            )

    def _check_version(self) -> None:
        text = self.path("VERSION").read_text(encoding="utf-8").strip()
        if not text.isdecimal():
            raise Trouble(
                f"The file VERSION in {self.data} is damaged.",
                f"Restore it from a backup; this release writes {FORMAT}.",
            )
        if int(text) > FORMAT:
            raise Trouble(
                f"{self.data} was written by a newer OpenHexa (format {text}).",
                "Install that release again, or set HEXA_DATA to another folder.",
            )

    def _check_secrets(self) -> None:
        for name in _CHECKED:
            path = self.path("secrets", name)
            text = path.read_text(encoding="utf-8", errors="replace").strip()
            if not _is_sound(text, SECRETS[name]):
                raise Trouble(
                    f"The secret {path} is damaged.",
                    "Restore it from a backup; OpenHexa never overwrites one.",
                )

    def _create(self) -> None:
        staging = self.path(".creating")
        if not (staging / "VERSION").exists():
            shutil.rmtree(staging, ignore_errors=True)
            if any(self.data.iterdir()):
                raise Trouble(
                    f"{self.data} is not empty and not a data folder of OpenHexa.",
                    "Set HEXA_DATA to a new or empty folder.",
                )
            self._fill(staging)
        # Finishes, too, what a start that died between two renames left.
        entries = sorted(staging.iterdir(), key=lambda entry: entry.name == "VERSION")
        for entry in entries:
            entry.rename(self.path(entry.name))
        staging.rmdir()

    def _fill(self, staging: Path) -> None:
        try:
            staging.mkdir(mode=0o700)
            self._complete(staging)
            _write(staging / "VERSION", f"{FORMAT}\n", mode=0o644)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise

    def _complete(self, root: Path) -> None:
        """Makes what a first start, or a release with new secrets, lacks."""
        for name in ("secrets", *FOLDERS):
            folder = root / name
            folder.mkdir(mode=0o755, exist_ok=True)
        (root / "secrets").chmod(0o711)
        for name, make in SECRETS.items():
            path = root / "secrets" / name
            if not path.exists():
                owner = None if name in _SUPERVISOR_ONLY else walls.PLATFORM_UID
                _write(path, make() + "\n", mode=0o600, owner=owner)
        own(root / "hub", walls.PLATFORM_UID)
        own(root / "static", walls.PLATFORM_UID)
        if self.sockets != self.path("run"):
            _make_private(self.sockets)


def _is_sound(text: str, make: Callable[[], str]) -> bool:
    """Whether it may be what `make` has made."""
    try:
        if make is _hex_key:
            return len(bytes.fromhex(text)) > 0
        if make is _rsa_key:
            serialization.load_pem_private_key(text.encode(), password=None)
            return True
    except (ValueError, UnsupportedAlgorithm):
        return False
    return bool(text) and text.isascii() and text.isprintable()


def own(path: Path, uid: int) -> None:
    """Gives a file or folder to a service's uid; as an ordinary user all is ours."""
    if os.geteuid() == 0 and path.stat().st_uid != uid:
        os.chown(path, uid, uid)


def is_free(port: int, address: str = "127.0.0.1") -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def _free_port(taken: set[int], distance: int) -> int:
    # Of the system, since two that start with one seed would choose the same.
    candidates = random.SystemRandom().sample(_PORT_RANGE, k=len(_PORT_RANGE))
    for port in candidates:
        if (
            port not in taken
            and port + distance in _PORT_RANGE
            and is_free(port)
            and is_free(port + distance)
        ):
            return port
    raise Trouble(
        f"No port from {_PORT_RANGE.start} to {_PORT_RANGE.stop} is free.",
        "Stop what listens there.",
    )


def _make_folder(path: Path) -> list[Path]:
    """The folders that had to be made, innermost first."""
    made = [folder for folder in (path, *path.parents) if not folder.exists()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if made:
            path.mkdir(mode=0o700)
    except OSError as error:
        raise _unwritable(path, error) from error
    return made


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o711, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise Trouble(
            f"{folder} belongs to someone else.",
            "Remove it, or set HEXA_DATA to a shorter path.",
        )


def _write(path: Path, text: str, *, mode: int, owner: int | None = None) -> None:
    """Appears whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        if owner is not None:
            own(temporary, owner)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _unwritable(folder: Path, error: OSError) -> Trouble:
    if error.errno == errno.ENOSPC:
        return Trouble(
            f"The disk that holds the data folder {folder} is full.",
            "Make room, or set HEXA_DATA to another disk.",
        )
    return Trouble(
        f"The data folder {folder} cannot be written ({error.strerror}).",
        "Give it to the user who runs `hexa up`, or set HEXA_DATA to another folder.",
    )
