"""What a drive holds, put and read past the pages; and the undo that a page offers."""

import re
from collections.abc import Sequence
from typing import Any

from hexa.files.models import Drive
from hexa.files.queries.store import store_of


def fill(drive: Drive, keys: Sequence[str]) -> None:
    for key in keys:
        store_of(drive).put(drive.bucket, key, key.encode())


def keys_of(drive: Drive) -> list[str]:
    """In the order of the bytes, which is not that of every store."""
    return sorted(
        one.key for one in store_of(drive).list_keys(drive.bucket, "").objects
    )


def holds(drive: Drive, key: str) -> str:
    return store_of(drive).read(drive.bucket, key, length=999).decode()


def undo_url(page: Any) -> str:
    match = re.search(r'action="([^"]*/files/undo/[^"]+)"', page.content.decode())
    assert match, "no undo is offered"
    return match[1].replace("&amp;", "&")
