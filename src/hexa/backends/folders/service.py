"""Buckets as folders, for all workspaces of this machine.

    python -m hexa.backends.folders.service --config run/folders.json

    <root>/<bucket>/files     what the bucket holds
    <root>/<bucket>           what is bound into a sandbox, at /run/workspace

It is the folder above that sandboxes get: when rclone dies, its mounts die with it, and
the new ones, made in the same place, appear inside sandboxes that run. Asked over a
UNIX socket: {"do": "ensure", "bucket"} answers {"folder"}, {"do": "release", "bucket"}
and {"do": "state"} answer {"available", "reason", "buckets"}.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import re
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from hexa.backends.folders import fuse
from hexa.backends.folders.errors import FuseMissing, MountFailed
from hexa.backends.folders.rclone import Rclone, RcloneError, StoreAccess
from hexa.backends.sandbox.lines import Json, LineService, NotUnderstood

log = logging.getLogger(__name__)

_LOOK_SECONDS = 2.0
_STARTING_SECONDS = 0.05
_READY_SECONDS = 10.0
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class Settings:
    """Read from the file, of mode 0600, that the supervisor writes."""

    socket: Path
    root: Path
    callers: frozenset[int]
    access: StoreAccess
    log_level: str = "INFO"

    @classmethod
    def read(cls, path: Path) -> Self:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            socket=Path(stored["socket"]),
            root=Path(stored["root"]),
            callers=frozenset(stored["callers"]),
            access=StoreAccess(**stored["access"]),
            log_level=stored.get("log_level", "INFO"),
        )


class Folders:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._root = settings.root
        private = settings.root.with_name(f"{settings.root.name}-rclone")
        self._rclone = Rclone(private, settings.access)
        self._private = private
        self._buckets: set[str] = set()
        self._mounting = asyncio.Lock()
        self._answering = asyncio.Event()
        self._reason = fuse.why_unavailable()

    async def run(self) -> None:
        """Serves until asked to stop; unmounts what it mounted."""
        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        service = LineService(
            self._settings.socket,
            callers=self._settings.callers,
            verbs={
                "ensure": self._ensure,
                "release": self._release,
                "state": self._state,
            },
        )
        async with await service.listen():
            if self._reason is not None:
                log.warning("no folders", extra={"reason": self._reason})
                await stopping.wait()
                return
            self._prepare()
            keeping = asyncio.create_task(self._keep_alive())
            await stopping.wait()
            keeping.cancel()
            await asyncio.wait([keeping])

    def _prepare(self) -> None:
        for folder in (self._root, self._private):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self._root.iterdir():
            fuse.detach(left / "files")
        fuse.share(self._root)

    async def _keep_alive(self) -> None:
        """One rclone at all times, and every bucket that was asked for mounted."""
        try:
            while True:
                rclone = self._rclone.start()
                try:
                    await self._look_after(rclone.poll)
                finally:
                    self._answering.clear()
                    rclone.terminate()
                    await asyncio.to_thread(rclone.wait)
                log.warning("rclone ended", extra={"exit_code": rclone.returncode})
                await asyncio.sleep(1)
        finally:
            for bucket in self._buckets:
                fuse.detach(self._mount_point(bucket))

    async def _look_after(self, ended: Callable[[], int | None]) -> None:
        while ended() is None:
            if await self._rclone.answers():
                self._answering.set()
                for bucket in sorted(self._buckets):
                    with contextlib.suppress(MountFailed):  # logged; tried again
                        await self._mount(bucket)
            settled = self._answering.is_set()
            await asyncio.sleep(_LOOK_SECONDS if settled else _STARTING_SECONDS)

    async def _ensure(self, asked: Json) -> Json:
        bucket = _bucket(asked)
        if self._reason is not None:
            raise FuseMissing(reason=self._reason)
        self._buckets.add(bucket)
        try:
            await asyncio.wait_for(self._answering.wait(), _READY_SECONDS)
        except TimeoutError:
            raise MountFailed(bucket=bucket, reason="rclone does not start") from None
        await self._mount(bucket)
        return {"folder": str(self._root / bucket)}

    async def _release(self, asked: Json) -> Json:
        bucket = _bucket(asked)
        async with self._mounting:
            if bucket in self._buckets:
                self._buckets.discard(bucket)
                with contextlib.suppress(OSError, RcloneError):
                    await self._rclone.unmount(self._mount_point(bucket))
                fuse.detach(self._mount_point(bucket))
        return await self._state(asked)

    async def _state(self, _: Json) -> Json:
        return {
            "available": self._reason is None,
            "reason": self._reason,
            "buckets": sorted(self._buckets),
        }

    async def _mount(self, bucket: str) -> None:
        folder = self._mount_point(bucket)
        async with self._mounting:
            if await asyncio.to_thread(fuse.is_mounted, folder):
                return
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            folder.parent.chmod(0o755)
            try:
                await self._rclone.mount(bucket, folder)
            except (OSError, RcloneError) as error:
                log.warning("no folder", extra={"bucket": bucket, "cause": str(error)})
                raise MountFailed(bucket=bucket, reason=str(error)) from error
        log.info("folder mounted", extra={"bucket": bucket})

    def _mount_point(self, bucket: str) -> Path:
        return self._root / bucket / "files"


def _bucket(asked: Json) -> str:
    bucket = asked.get("bucket")
    if not isinstance(bucket, str) or not _BUCKET.fullmatch(bucket):
        raise NotUnderstood
    return bucket


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    settings = Settings.read(parser.parse_args().config)
    logging.basicConfig(
        level=settings.log_level, format="%(asctime)s %(levelname)s %(message)s"
    )
    asyncio.run(Folders(settings).run())


if __name__ == "__main__":
    main()
