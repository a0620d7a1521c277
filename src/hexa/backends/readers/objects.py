"""JSON lines, one object after the other."""

import json
from collections.abc import Iterator
from typing import Any


def objects(
    content: bytes, *, alone: str, is_last: bool = True
) -> Iterator[tuple[dict[str, Any], int]]:
    """Each whole line with the byte after it; stops at what is no JSON.

    A line that is no object stands under `alone`. `is_last`: nothing comes after
    `content`, so that its last line needs no end.
    """
    start = 0
    while start < len(content):
        end = content.find(b"\n", start) + 1 or (len(content) if is_last else 0)
        if not end:
            return
        line, start = content[start:end].strip(), end
        if not line:
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            return
        yield (found if isinstance(found, dict) else {alone: found}), end
