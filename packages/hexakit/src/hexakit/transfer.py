"""Bytes between a file and a presigned link: `python -m hexakit.transfer put FILE URL`.

R calls this, since base R can read a link but not write to one.
"""

import argparse
import sys
from collections.abc import Sequence
from http.client import HTTPException
from pathlib import Path
from shutil import copyfileobj
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen


def put(file: Path, url: str) -> None:
    """Streams the file to the link. Raises OSError, of which HTTPError is one."""
    with file.open("rb") as content:
        request = Request(url, data=content, method="PUT")  # noqa: S310  # a presigned link of the platform
        # Without a length urllib would send chunks, which stores refuse.
        request.add_header("Content-Length", str(file.stat().st_size))
        request.add_header("Content-Type", "application/octet-stream")
        with urlopen(request):  # noqa: S310
            return


def get(url: str, file: Path) -> None:
    """Streams what the link holds to the file. Raises OSError."""
    with urlopen(url) as response, file.open("wb") as content:  # noqa: S310
        copyfileobj(response, content, 1 << 20)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="hexakit.transfer", description=__doc__)
    parser.add_argument("verb", choices=["put", "get"])
    parser.add_argument("file", type=Path)
    parser.add_argument("url")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.verb == "put":
            put(chosen.file, chosen.url)
        else:
            get(chosen.url, chosen.file)
    except HTTPError as refusal:
        sys.stderr.write(f"The store answered {refusal.code} {refusal.reason}.\n")
        return 1
    except (URLError, HTTPException, OSError) as outage:
        sys.stderr.write(f"The transfer failed: {outage}.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
