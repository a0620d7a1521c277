"""The embedded object store: SeaweedFS, closed before it is opened.

    <folder>/
      security.toml   who may talk to its inner parts (JWT keys, mutual TLS)
      master.toml     how volumes grow
      filer.toml      where names are kept
      identities.json the one key pair of S3: the platform's
      iam.json        the role from which session credentials are minted
      keys.json       its inner keys, which must outlive a restart
      data/           what people store

SeaweedFS is open by default: anonymous S3, anonymous deletion of whole buckets on the
master's port, every port on all addresses, telemetry. Everything here exists to close
that; `tests/contract/storage/test_closed.py` knocks at every port.
"""

import base64
import datetime as dt
import http.client
import json
import secrets
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hexa.backends.storage.certificates import Certificates, write_private

ROLE_ARN = "arn:aws:iam::000000000000:role/hexa"
_PLATFORM = "platform"
_PLATFORM_ARN = f"arn:aws:iam::000000000000:user/{_PLATFORM}"
_PARTS = ("master", "volume", "filer", "s3", "admin", "worker", "client", "msg_broker")
_HTTPS_PARTS = ("master", "volume", "filer", "admin")
# A bucket takes at least one volume; they are not preallocated. Left to itself the
# store allows as many as fit on the disk when full, and bucket 52 fails.
_VOLUMES = 20_000
_VOLUME_MIB = 1024
# What it begins with, before any content.
_LEAST_VOLUME_BYTES = 8


@dataclass(frozen=True, slots=True)
class Key:
    id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ports:
    """All on the loopback. Only `s3` is meant for others."""

    s3: int
    s3_grpc: int
    master: int
    master_grpc: int
    volume: int
    volume_grpc: int
    filer: int
    filer_grpc: int
    # The store's own worker looks for the administration's gRPC at this plus 10 000.
    admin: int


def binary() -> Path:
    """Raises FileNotFoundError."""
    path = Path(sysconfig.get_path("scripts")) / "weed"
    if not path.is_file():
        raise FileNotFoundError(path)
    return path


def prepare(folder: Path, *, tls: Path, admin_key: Key) -> None:
    """Writes the configuration; to be called before every start.

    Keys and certificates are kept, so credentials survive a restart. The process that
    runs the store must be able to read both folders and write `folder`.
    """
    (folder / "data").mkdir(mode=0o700, parents=True, exist_ok=True)
    certificates = Certificates(tls)
    certificates.ensure(now=dt.datetime.now(dt.UTC))
    keys = _keys(folder / "keys.json")
    # It would remember options of earlier starts, and prefer them to its defaults.
    (folder / "data" / "mini.options").unlink(missing_ok=True)
    _write(folder / "security.toml", _security(certificates, keys))
    _write(folder / "master.toml", "[master.volume_growth]\ncopy_1 = 1\n")
    _write(folder / "filer.toml", _filer(folder))
    _write(folder / "identities.json", json.dumps(_identities(admin_key), indent=2))
    _write(folder / "iam.json", json.dumps(_iam(keys["sts"]), indent=2))


def lost_volume(folder: Path) -> Path | None:
    """A file of contents that is gone or empty, though its index knows what it held.

    The store itself would start, and fail for each of these contents when it is read.
    """
    for index in sorted((folder / "data").glob("*.idx")):
        volume = index.with_suffix(".dat")
        held = volume.stat().st_size if volume.exists() else 0
        if index.stat().st_size and held < _LEAST_VOLUME_BYTES:
            return volume
    return None


def argv(folder: Path, *, ports: Ports, public_url: str) -> list[str]:
    """The command; its working directory must be `folder`."""
    options = {
        "dir": str(folder / "data"),
        "ip": "127.0.0.1",
        "ip.bind": "127.0.0.1",
        "disableHttp": "true",
        "webdav": "false",
        "admin.ui": "false",
        "master.telemetry": "false",
        "master.volumeSizeLimitMB": str(_VOLUME_MIB),
        "master.heartbeatInterval": "3s",  # at 300 ms it was seen to burn a tenth core
        "volume.max": str(_VOLUMES),
        "volume.preStopSeconds": "0",  # for other servers to notice, of which it has none
        "s3.config": str(folder / "identities.json"),
        "s3.iam.config": str(folder / "iam.json"),
        "s3.iam.readOnly": "true",
        "s3.autoCreateBucket": "false",
        "s3.allowedOrigins": public_url,
        "s3.port.iceberg": "0",
        "s3.port.lance": "0",
        # Relative to the working directory: addresses of sockets are short.
        "s3.localSocket": "s3.sock",
        "filer.localSocket": "filer.sock",
        "s3.port": str(ports.s3),
        "s3.port.grpc": str(ports.s3_grpc),
        "master.port": str(ports.master),
        "master.port.grpc": str(ports.master_grpc),
        "volume.port": str(ports.volume),
        "volume.port.grpc": str(ports.volume_grpc),
        "filer.port": str(ports.filer),
        "filer.port.grpc": str(ports.filer_grpc),
        "admin.port": str(ports.admin),
    }
    given = [f"-{name}={value}" for name, value in options.items()]
    return [str(binary()), "-logtostderr=true", "mini", *given]


def environment(folder: Path) -> dict[str, str]:
    """What the process needs and nothing else."""
    return {
        "HOME": str(folder),
        "PATH": "/usr/bin:/bin",
        # Without a limit it keeps 700 MB after moving 200 MB.
        "GOMEMLIMIT": "256MiB",
        "WEED_ADMIN_PASSWORD": _keys(folder / "keys.json")["admin"],
    }


def is_ready(ports: Ports, *, patience_s: float = 2.0) -> bool:
    """Whether S3 answers; blocks up to `patience_s`."""
    connection = http.client.HTTPConnection("127.0.0.1", ports.s3, timeout=patience_s)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _keys(path: Path) -> Mapping[str, str]:
    """Those that are missing or damaged are made: at most, sessions sign on again."""
    names = ("volume", "volume_read", "filer", "filer_read", "sts", "admin")
    try:
        kept = dict(json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        kept = {}
    if not set(names) <= set(kept):
        made = {
            name: base64.b64encode(secrets.token_bytes(32)).decode() for name in names
        }
        kept = made | kept
        _write(path, json.dumps(kept, indent=2))
    return {name: str(kept[name]) for name in names}


def _security(certificates: Certificates, keys: Mapping[str, str]) -> str:
    signing = {
        "jwt.signing": keys["volume"],
        "jwt.signing.read": keys["volume_read"],
        "jwt.filer_signing": keys["filer"],
        "jwt.filer_signing.read": keys["filer_read"],
    }
    sections = [f'[{name}]\nkey = "{key}"\n' for name, key in signing.items()]
    sections.append("[filer.expose_directory_metadata]\nenabled = false\n")
    sections.append(f"[grpc]\nca = {json.dumps(str(certificates.authority))}\n")
    pair = (
        f"cert = {json.dumps(str(certificates.certificate))}\n"
        f"key = {json.dumps(str(certificates.key))}\n"
    )
    sections += [f"[grpc.{part}]\n{pair}" for part in _PARTS]
    whole = f"ca = {json.dumps(str(certificates.authority))}\n{pair}"
    sections += [f"[https.{part}]\n{whole}" for part in _HTTPS_PARTS]
    sections.append(f"[https.client]\nenabled = true\n{whole}")
    return "\n".join(sections)


def _filer(folder: Path) -> str:
    """One LevelDB rather than the default's eight: 110 MB less at rest.

    With eight, what is always held nearly fills the memory limit, and the garbage
    collector never rests (a tenth of a core, measured).

    A name may have 255 bytes, and what is kept of it has `.versions` behind that: at the
    default limit of 255 those longer than 246 can be neither replaced nor deleted.
    """
    names = json.dumps(str(folder / "data" / "names"))
    return (
        "[filer.options]\nmax_file_name_length = 1024\n"
        f"[leveldb]\nenabled = true\ndir = {names}\n"
    )


def _identities(admin_key: Key) -> dict[str, object]:
    credentials = {"accessKey": admin_key.id, "secretKey": admin_key.secret}
    platform = {
        "name": _PLATFORM,
        "credentials": [credentials],
        "actions": ["Admin", "Read", "List", "Tagging", "Write"],
    }
    return {"identities": [platform]}


def _iam(signing_key: str) -> dict[str, object]:
    """One role that may do all of S3; each session narrows it by its own policy.

    Only the platform may assume it. With any principal trusted, whoever holds
    credentials of a session could assume it again, unnarrowed.
    """
    everything = _policy(
        Action=["s3:*"], Resource=["arn:aws:s3:::*", "arn:aws:s3:::*/*"]
    )
    trust = _policy(Principal={"AWS": _PLATFORM_ARN}, Action=["sts:AssumeRole"])
    return {
        "sts": {
            "tokenDuration": "1h",
            "maxSessionLength": "12h",
            "issuer": "openhexa",
            "signingKey": signing_key,
        },
        "policy": {"defaultEffect": "Deny", "storeType": "memory"},
        "policies": [{"name": "AllOfS3", "document": everything}],
        "roles": [
            {
                "roleName": ROLE_ARN.rpartition("/")[2],
                "roleArn": ROLE_ARN,
                "trustPolicy": trust,
                "attachedPolicies": ["AllOfS3"],
            }
        ],
    }


def _policy(**statement: object) -> dict[str, object]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", **statement}],
    }


def _write(path: Path, text: str) -> None:
    write_private(path, text.encode())
