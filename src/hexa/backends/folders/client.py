"""Asking for a workspace's bucket as a folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from hexa.backends.folders.errors import FoldersUnreachable, FuseMissing, MountFailed
from hexa.backends.sandbox import lines
from hexa.backends.sandbox.lines import Json

_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class FoldersState:
    available: bool
    # Why not, and what to do about it.
    reason: str | None
    buckets: tuple[str, ...]


class Folders:
    """Every method raises FoldersUnreachable when the service does not answer."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ensure(self, bucket: str) -> Path:
        """The folder to give to a sandbox. Raises FuseMissing or MountFailed."""
        return Path(str(self._ask({"do": "ensure", "bucket": bucket})["folder"]))

    def release(self, bucket: str) -> None:
        """To be called before a bucket is deleted."""
        self._ask({"do": "release", "bucket": bucket})

    def state(self) -> FoldersState:
        told = self._ask({"do": "state"})
        reason, buckets = told["reason"], cast("list[str]", told["buckets"])
        return FoldersState(
            available=told["available"] is True,
            reason=str(reason) if reason else None,
            buckets=tuple(buckets),
        )

    def _ask(self, asked: Json) -> Json:
        try:
            return cast("Json", lines.ask(self._path, asked, seconds=_SECONDS))
        except OSError as error:
            raise FoldersUnreachable from error
        except lines.Refused as refused:
            if refused.code == FuseMissing.code:
                raise FuseMissing(refused.message) from None
            if refused.code == MountFailed.code:
                raise MountFailed(refused.message) from None
            raise FoldersUnreachable(refused.message) from None
