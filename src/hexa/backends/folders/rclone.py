"""One rclone for all folders, asked over a UNIX socket of its own.

The credentials are in its environment, not on its command line. Source of the calls:
https://rclone.org/rc/ and https://rclone.org/commands/rclone_mount/
"""

import asyncio
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from socket import AF_UNIX, socket

from hexa.backends.folders import fuse

_REMOTE = "store"
_SECONDS = 20
_SECOND_NS = 10**9
_CACHE_FULL = 3
_CACHE_BYTES = 5 * 2**30


@dataclass(frozen=True, slots=True)
class StoreAccess:
    endpoint: str
    region: str
    key_id: str
    secret: str


class RcloneError(Exception):
    """What rclone says."""


class Rclone:
    def __init__(self, folder: Path, access: StoreAccess) -> None:
        """`folder`, which only rclone may enter, holds its socket and its cache."""
        self._folder = folder
        self._socket = folder / "rclone.sock"
        self._access = access

    def start(self) -> subprocess.Popen[bytes]:
        self._socket.unlink(missing_ok=True)
        return subprocess.Popen(
            [
                # When this service dies, so do the mounts that nobody would look after.
                "/usr/bin/setpriv", "--pdeathsig", "TERM",
                str(fuse.program()), "rcd",
                "--rc-addr", f"unix://{self._socket}",
                "--rc-no-auth",  # the folder of the socket is closed to others
                "--config", "",
                "--cache-dir", str(self._folder / "cache"),
                "--use-server-modtime",
                "--log-level", "NOTICE",
            ],
            env={**_environment(self._access), "HOME": str(self._folder)},
            cwd="/",
            process_group=0,
        )  # fmt: skip

    async def mount(self, bucket: str, folder: Path) -> None:
        """Raises RcloneError, or OSError when rclone does not answer."""
        await self._call(
            "mount/mount",
            {
                "fs": f"{_REMOTE}:{bucket}",
                "mountPoint": str(folder),
                "mountType": fuse.mount_type(),
                # Sandboxes of one workspace have several uids. The folder above is
                # closed, so exactly those it is bound into can come here.
                "mountOpt": {"AllowOther": os.geteuid() == 0, "DeviceName": bucket},
                "vfsOpt": {
                    "CacheMode": _CACHE_FULL,
                    "CacheMaxSize": _CACHE_BYTES,
                    "WriteBack": _SECOND_NS // 5,
                    "DirCacheTime": 3 * _SECOND_NS,
                    "Umask": 0,
                    "DirPerms": 0o777,
                    "FilePerms": 0o777,
                },
            },
        )

    async def unmount(self, folder: Path) -> None:
        """Raises RcloneError, or OSError when rclone does not answer."""
        await self._call("mount/unmount", {"mountPoint": str(folder)})

    async def answers(self) -> bool:
        try:
            await self._call("rc/noop", {})
        except (OSError, RcloneError):
            return False
        return True

    async def _call(self, name: str, body: Mapping[str, object]) -> None:
        await asyncio.to_thread(self._post, name, body)

    def _post(self, name: str, body: Mapping[str, object]) -> None:
        connection = _UnixConnection(self._socket)
        try:
            connection.request(
                "POST",
                f"/{name}",
                json.dumps(body),
                {"Content-Type": "application/json"},
            )
            answer = connection.getresponse()
            told = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status != 200:
            raise RcloneError(told.get("error", f"status {answer.status}"))


class _UnixConnection(HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("rclone", timeout=_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket(AF_UNIX)
        self.sock.settimeout(_SECONDS)
        self.sock.connect(str(self._path))


def _environment(access: StoreAccess) -> dict[str, str]:
    prefix = f"RCLONE_CONFIG_{_REMOTE.upper()}"
    return {
        "PATH": "/usr/bin:/bin",
        f"{prefix}_TYPE": "s3",
        f"{prefix}_PROVIDER": "SeaweedFS",
        f"{prefix}_ENDPOINT": access.endpoint,
        f"{prefix}_REGION": access.region,
        f"{prefix}_ACCESS_KEY_ID": access.key_id,
        f"{prefix}_SECRET_ACCESS_KEY": access.secret,
        f"{prefix}_FORCE_PATH_STYLE": "true",
        f"{prefix}_NO_CHECK_BUCKET": "true",
        # An empty folder is an object whose name ends in a slash, as Files makes it.
        f"{prefix}_DIRECTORY_MARKERS": "true",
    }
