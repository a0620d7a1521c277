"""The address of a file, and every wrong form people have been handed for it.

    s3://bucket/key, gs://bucket/key           the address itself, untouched
    s3:bucket/key  s3:/bucket/key  /s3:b//key  what JupyterLab's Copy Path gave
    gcs:bucket/key  gcs://bucket/key  gs:b/key the same for Google Cloud Storage
    s3:bucket~folder/key                       a drive that is a folder of a bucket
    /home/hexa/workspace/key  ~/workspace/key  the bucket as a folder (jovyan as well)
    workspace/key                              the same, from the home
    https://…/files/s3:bucket/key              a web link, percent-encoded

Names are never folded: NFC stays NFC, NFD stays NFD, and only a web link is decoded.
"""

import os
import posixpath
import re
from dataclasses import dataclass
from typing import Literal, Self
from urllib.parse import unquote, urlsplit

from hexakit import pasting

Scheme = Literal["s3", "gs"]

# Google's names may be longer than Amazon's 63 characters and hold underscores.
_BUCKET = r"[A-Za-z0-9][A-Za-z0-9._-]{1,221}"
_CANONICAL = re.compile(rf"(s3|gs)://({_BUCKET})(?:/(.*))?", re.DOTALL)
_DRIVE = re.compile(rf"/?(s3|gs|gcs):/*({_BUCKET})((?:~[^/~]+)*)(?:/+(.*))?", re.DOTALL)
_WORKSPACE = re.compile(
    r"(?:/home/(?:hexa|jovyan)/|~/|\./)?workspace(?:/(.*))?", re.DOTALL
)
_MOUNTED_AT = "/home/hexa/workspace"
_SCHEMES: dict[str, Scheme] = {"s3": "s3", "gs": "gs", "gcs": "gs"}


class NotAnAddress(ValueError):
    """No file's address can be read from this."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where one object, or with a key ending in "/" (or none) one folder, is kept."""

    scheme: Scheme
    bucket: str
    key: str = ""

    @classmethod
    def of(cls, anything: "str | os.PathLike[str] | Address") -> Self:
        """Raises NotAnAddress. POSIX paths need WORKSPACE_BUCKET_NAME."""
        if isinstance(anything, Address):
            return cls(anything.scheme, anything.bucket, anything.key)
        text = os.fspath(anything)
        for read in (_canonical, _drive, _link, _workspace):
            found = read(text)
            if found is not None:
                return cls(*found)
        raise NotAnAddress(
            f"{text!r} is not the address of a file. Addresses look like s3://bucket/folder/file.csv"
        )

    def __str__(self) -> str:
        return f"{self.scheme}://{self.bucket}/{self.key}"

    @property
    def drive(self) -> str:
        """Name of the drive in the file explorer."""
        return f"{'gcs' if self.scheme == 'gs' else 's3'}:{self.bucket}"

    @property
    def posix_path(self) -> str:
        """Where a session finds it if this is its workspace's own bucket.

        Empty for a key that no path can name: with "//", "." or ".." inside.
        """
        key = self.key.removesuffix("/")
        if key and posixpath.normpath(f"/{key}") != f"/{key}":
            return ""
        return f"{_MOUNTED_AT}/{self.key}"

    @property
    def pandas_line(self) -> str:
        """Python that reads the file into `df`, complete with its import."""
        return pasting.pandas_line(str(self))

    @property
    def r_line(self) -> str:
        """R that reads the file into `df`, or downloads what R has no reader for."""
        return pasting.r_line(str(self))

    @property
    def duckdb_line(self) -> str:
        """Python that queries the file by DuckDB without loading it whole."""
        return pasting.duckdb_line(str(self))


def address(anything: str | os.PathLike[str] | Address) -> str:
    """The address, `s3://bucket/key` or `gs://bucket/key`. Raises NotAnAddress."""
    return str(Address.of(anything))


def _canonical(text: str) -> tuple[Scheme, str, str] | None:
    match = _CANONICAL.fullmatch(text)
    return match and (_SCHEMES[match[1]], match[2], match[3] or "")


def _drive(text: str) -> tuple[Scheme, str, str] | None:
    match = _DRIVE.fullmatch(text)
    return match and (
        _SCHEMES[match[1]],
        match[2],
        _folder_named(match[3]) + (match[4] or ""),
    )


def drive_name(provider: str, bucket: str, folder: str = "") -> str:
    """Of the drive that shows a bucket, or one folder ("raw/2026/") of it."""
    names = [name for name in folder.split("/") if name]
    kept = [name.replace("%", "%25").replace("~", "%7E") for name in names]
    return "~".join([f"{provider}:{bucket}", *kept])


def drive_of(name: str) -> tuple[str, str, str]:
    """Provider, bucket and folder of a drive's name."""
    provider, _, rest = name.partition(":")
    bucket, tilde, folder = rest.partition("~")
    return provider, bucket, _folder_named(tilde + folder)


def _folder_named(marks: str) -> str:
    """The folder that "~raw~2026" stands for: "raw/2026/"."""
    names = marks.split("~")[1:]
    kept = [
        re.sub("%(7E|25)", lambda sign: chr(int(sign[1], 16)), name) for name in names
    ]
    return "".join(f"{name}/" for name in kept)


def _link(text: str) -> tuple[Scheme, str, str] | None:
    if not re.match(r"https?://", text):
        return None
    segments = urlsplit(text).path.split("/")
    for position, segment in enumerate(segments):
        if re.match(r"(?:s3|gs|gcs)(?::|%3A)", segment, re.IGNORECASE):
            return _drive(unquote("/".join(segments[position:])))
    return None


def _workspace(text: str) -> tuple[Scheme, str, str] | None:
    key = _inside_workspace(text)
    if key is None:
        return None
    bucket = os.environ.get("WORKSPACE_BUCKET_NAME", "")
    if not bucket:
        raise NotAnAddress(
            f"{text!r} lies in the workspace's folder, but WORKSPACE_BUCKET_NAME does not say which bucket that is."
        )
    engine = os.environ.get("WORKSPACE_STORAGE_ENGINE", "s3")
    return ("gs" if engine == "gcp" else "s3", bucket, key)


def _inside_workspace(text: str) -> str | None:
    """Key of a path in the workspace's folder; None where it leaves that folder."""
    mounted = os.environ.get("WORKSPACE_FILES_PATH", "").rstrip("/")
    if mounted and (text == mounted or text.startswith(mounted + "/")):
        inside = text[len(mounted) :].strip("/") or "."
    else:
        match = _WORKSPACE.fullmatch(text)
        if match is None:
            return None
        inside = (match[1] or "").lstrip("/") or "."
    key = posixpath.normpath(inside)
    if key == ".." or key.startswith("../"):
        return None
    if key == ".":
        return ""
    return key + "/" if text.endswith("/") else key
