"""Every way to say where a file is, ready to be pasted."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from hexa.files.models import Drive


@dataclass(frozen=True, slots=True)
class Naming:
    words: str
    text: str


def namings(request: HttpRequest, drive: Drive, key: str) -> Sequence[Naming]:
    """The lines of code only for a file; the path only where sessions have it."""
    address = drive.address_of(key)
    found = [Naming(_("Address"), str(address))]
    if key and not key.endswith("/"):
        found += [
            Naming(_("Line for pandas"), address.pandas_line),
            Naming(_("Line for R"), address.r_line),
            Naming(_("Line for DuckDB (SQL)"), address.duckdb_line),
        ]
    if drive.is_own and address.posix_path:
        found.append(Naming(_("Path in a session"), address.posix_path))
    link = request.build_absolute_uri(drive.url_of(key))
    return [*found, Naming(_("Web link"), link)]
