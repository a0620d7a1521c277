"""What a file looks like, from a bounded number of its bytes.

text      first 64 KiB            table     CSV: first 256 KiB
markdown  first 256 KiB                     Parquet: footer and first pages
image     by the browser          notebook  whole, up to 4 MiB
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import pyarrow as pa

from hexa.backends.storage.store import ObjectFacts
from hexa.files import permissions
from hexa.files.models import Drive
from hexa.files.queries import notebooks, tables
from hexa.files.queries.reading import BoundedObject, TooMuch
from hexa.files.queries.store import store_of
from hexa.foundation.actors import Actor

_KIB, _MIB = 2**10, 2**20
_TEXT, _MARKDOWN, _CSV = 64 * _KIB, 256 * _KIB, 256 * _KIB
_PARQUET, _NOTEBOOK, _IMAGE = 16 * _MIB, 4 * _MIB, 20 * _MIB
_IMAGE_LIFE = timedelta(minutes=2)

Kind = Literal[
    "text",
    "markdown",
    "table",
    "image",
    "notebook",
    "empty",
    "too-large",
    "none",
    "damaged",
]


@dataclass(frozen=True, slots=True)
class Preview:
    kind: Kind
    text: str = ""
    encoding: str = ""
    is_cut: bool = False
    table: tables.Table | None = None
    notebook: notebooks.Notebook | None = None
    image_url: str = ""


# Known to be text; others are when they hold no zero byte.
_TEXT_ENDINGS = frozenset(
    {
        *("txt", "log", "json", "jsonl", "ndjson", "geojson", "yaml", "yml", "toml"),
        *(
            "ini",
            "cfg",
            "xml",
            "html",
            "css",
            "js",
            "ts",
            "py",
            "r",
            "rmd",
            "qmd",
            "sql",
        ),
        *("sh", "bat", "do", "ado", "m", "jl", "tex", "bib", "svg"),
    }
)
# Not worth a request to look.
_OPAQUE_ENDINGS = frozenset(
    {
        *("zip", "gz", "bz2", "xz", "zst", "7z", "tar", "rar", "xlsx", "xls", "docx"),
        *(
            "doc",
            "pptx",
            "ppt",
            "pdf",
            "gpkg",
            "shp",
            "dbf",
            "shx",
            "tif",
            "tiff",
            "nc",
        ),
        *("h5", "hdf5", "rds", "rdata", "rda", "dta", "sav", "sas7bdat", "pkl", "db"),
        *("feather", "arrow", "sqlite", "duckdb", "mp3", "mp4", "mov", "avi", "exe"),
    }
)


def preview(drive: Drive, facts: ObjectFacts, *, by: Actor) -> Preview:
    """Raises Outage; a file that is not what its name says is "damaged"."""
    permissions.VIEW_FILES.require(by, drive.workspace)
    ending = facts.name.rpartition(".")[2].lower() if "." in facts.name else ""
    if not facts.size_bytes:
        return Preview("empty")
    if ending in _OPAQUE_ENDINGS:
        return Preview("none")
    return _READERS.get(ending, _text)(drive, facts)


def _beginning(drive: Drive, facts: ObjectFacts, most: int) -> bytes:
    return store_of(drive).read(
        drive.bucket, facts.key, length=min(most, facts.size_bytes)
    )


def _text(drive: Drive, facts: ObjectFacts) -> Preview:
    content = _beginning(drive, facts, _TEXT)
    ending = facts.name.rpartition(".")[2].lower()
    if ending not in _TEXT_ENDINGS and b"\0" in content:
        return Preview("none")
    is_cut = len(content) < facts.size_bytes
    text, encoding = tables.decoded(content, is_cut=is_cut)
    return Preview("text", text=text, encoding=encoding, is_cut=is_cut)


def _markdown(drive: Drive, facts: ObjectFacts) -> Preview:
    content = _beginning(drive, facts, _MARKDOWN)
    is_cut = len(content) < facts.size_bytes
    text, encoding = tables.decoded(content, is_cut=is_cut)
    return Preview("markdown", text=text, encoding=encoding, is_cut=is_cut)


def _csv(drive: Drive, facts: ObjectFacts) -> Preview:
    content = _beginning(drive, facts, _CSV)
    table = tables.from_csv(content, is_cut=len(content) < facts.size_bytes)
    return Preview("table", table=table)


def _parquet(drive: Drive, facts: ObjectFacts) -> Preview:
    source = BoundedObject(drive, facts, most_bytes=_PARQUET)
    try:
        return Preview("table", table=tables.from_parquet(source))
    except TooMuch:
        return Preview("too-large")
    except (pa.ArrowException, OSError):
        return Preview("damaged")


def _notebook(drive: Drive, facts: ObjectFacts) -> Preview:
    if facts.size_bytes > _NOTEBOOK:
        return Preview("too-large")
    try:
        found = notebooks.from_json(_beginning(drive, facts, _NOTEBOOK))
    except notebooks.NotANotebook:
        return Preview("damaged")
    return Preview("notebook", notebook=found)


def _image(drive: Drive, facts: ObjectFacts) -> Preview:
    if facts.size_bytes > _IMAGE:
        return Preview("too-large")
    url = store_of(drive).link_to_get(drive.bucket, facts.key, lifetime=_IMAGE_LIFE)
    return Preview("image", image_url=url)


_READERS: dict[str, Callable[[Drive, ObjectFacts], Preview]] = {
    **dict.fromkeys(("csv", "tsv"), _csv),
    **dict.fromkeys(("parquet", "pq"), _parquet),
    **dict.fromkeys(("png", "jpg", "jpeg", "gif", "webp", "avif"), _image),
    **dict.fromkeys(("md", "markdown"), _markdown),
    "ipynb": _notebook,
}
