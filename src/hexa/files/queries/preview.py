"""What a file looks like, from a bounded number of its bytes.

text, JSON    first 64 KiB, 1 MiB         tables     a page of rows: see `rows`
Markdown      first 256 KiB               notebook   whole, up to 16 MiB
images, PDF   by the browser              maps       by a reader, up to 64 MiB
sound, film   by the browser, any size
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from urllib.parse import urlencode

from django.urls import reverse

from hexa.backends.readers.errors import TooHeavy, Unreadable
from hexa.backends.storage.store import ObjectFacts
from hexa.files import errors, permissions
from hexa.files.models import Drive
from hexa.files.queries import maps, notebooks, rows, tables
from hexa.files.queries.looks import Look
from hexa.files.queries.store import store_of
from hexa.foundation.actors import Actor
from hexa.foundation.errors import Outage, Refusal

_KIB, _MIB = 2**10, 2**20
_TEXT, _MARKDOWN, _JSON = 64 * _KIB, 256 * _KIB, _MIB
_NOTEBOOK, _IMAGE, _PDF = 16 * _MIB, 20 * _MIB, 200 * _MIB
_SVG = 5 * _MIB
_LINK_LIFE = timedelta(minutes=15)
# Of a film only what is watched is fetched, for as long as it is watched.
_WATCHED = timedelta(hours=6)

Kind = Literal[
    "text",
    "markdown",
    "table",
    "image",
    "pdf",
    "audio",
    "video",
    "map",
    "notebook",
    "empty",
    "too-large",
    "too-heavy",
    "unavailable",
    "none",
    "damaged",
]


@dataclass(frozen=True, slots=True)
class Preview:
    """`refusal` says why a table is not shown as was asked; it is shown plainly."""

    kind: Kind
    text: str = ""
    encoding: str = ""
    is_cut: bool = False
    is_one_line: bool = False
    table: tables.Table | None = None
    refusal: Refusal | None = None
    link: str = ""


# Known to be text; others are when they hold no zero byte.
_TEXT_WORDS = (
    "txt log jsonl ndjson yaml yml toml ini cfg xml html htm css js ts py r rmd qmd sql "
    "sh bat do ado m jl tex bib csv tsv json geojson"
)
# Not worth a request to look.
_OPAQUE_WORDS = (
    "zip gz bz2 xz zst 7z tar rar docx doc pptx ppt shp dbf shx tif tiff nc h5 hdf5 rds "
    "rdata rda dta sav sas7bdat pkl db feather arrow sqlite duckdb avi exe"
)
_TEXT_ENDINGS = frozenset(_TEXT_WORDS.split())
_OPAQUE_ENDINGS = frozenset(_OPAQUE_WORDS.split())


def preview(drive: Drive, facts: ObjectFacts, *, by: Actor, look: Look) -> Preview:
    """Raises Outage; a file that is not what its name says is "damaged"."""
    permissions.VIEW_FILES.require(by, drive.workspace)
    ending = rows.ending_of(facts.name)
    if not facts.size_bytes:
        return Preview("empty")
    if ending in _OPAQUE_ENDINGS:
        return Preview("none")
    if ending in _TABLES:
        return _table(drive, facts, look, by)
    return _READERS.get(ending, _text)(drive, facts, look)


def notebook(
    drive: Drive, facts: ObjectFacts, look: Look, *, by: Actor
) -> notebooks.Notebook:
    """Raises NotANotebook, TooLargeToShow."""
    permissions.VIEW_FILES.require(by, drive.workspace)
    if facts.size_bytes > _NOTEBOOK:
        raise errors.TooLargeToShow
    return notebooks.from_json(_beginning(drive, facts, look, _NOTEBOOK))


def _beginning(drive: Drive, facts: ObjectFacts, look: Look, most: int) -> bytes:
    return store_of(drive).read(
        drive.bucket,
        facts.key,
        length=min(most, facts.size_bytes),
        version=look.version,
    )


def _text(drive: Drive, facts: ObjectFacts, look: Look) -> Preview:
    content = _beginning(drive, facts, look, _TEXT)
    if rows.ending_of(facts.name) not in _TEXT_ENDINGS and b"\0" in content:
        return Preview("none")
    is_cut = len(content) < facts.size_bytes
    text, encoding = tables.decoded(content, is_cut=is_cut)
    return Preview(
        "text",
        text=text,
        encoding=encoding,
        is_cut=is_cut,
        is_one_line=is_cut and "\n" not in text,
    )


def _markdown(drive: Drive, facts: ObjectFacts, look: Look) -> Preview:
    content = _beginning(drive, facts, look, _MARKDOWN)
    is_cut = len(content) < facts.size_bytes
    text, encoding = tables.decoded(content, is_cut=is_cut)
    return Preview("markdown", text=text, encoding=encoding, is_cut=is_cut)


def _json(drive: Drive, facts: ObjectFacts, look: Look) -> Preview:
    """Indented, where it is small enough to be read whole and no trap."""
    if facts.size_bytes > _JSON:
        return _text(drive, facts, look)
    content = _beginning(drive, facts, look, _JSON)
    text, encoding = tables.decoded(content, is_cut=False)
    try:
        indented = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        indented = text
    return Preview(
        "text", text=indented[:_TEXT], encoding=encoding, is_cut=len(indented) > _TEXT
    )


def _table(drive: Drive, facts: ObjectFacts, look: Look, by: Actor) -> Preview:
    try:
        return Preview("table", table=rows.page(drive, facts, look, by=by))
    except errors.NotATable:
        return _text(drive, facts, look)
    except errors.TooLargeToShow:
        return Preview("too-large")
    except (Unreadable, TooHeavy, Refusal) as refusal:
        if look.is_picky:
            plain = _table(drive, facts, look.plain(), by)
            return Preview(
                plain.kind, text=plain.text, table=plain.table, refusal=refusal
            )
        return Preview("too-heavy" if isinstance(refusal, TooHeavy) else "damaged")
    except Outage:
        return Preview("unavailable")


def _notebook(drive: Drive, facts: ObjectFacts, look: Look) -> Preview:  # noqa: ARG001 # drawn in a frame of its own
    return Preview("too-large" if facts.size_bytes > _NOTEBOOK else "notebook")


def _map(drive: Drive, facts: ObjectFacts, look: Look) -> Preview:  # noqa: ARG001 # read when the map asks
    return Preview("too-large" if facts.size_bytes > maps.MOST_BYTES else "map")


def _image(drive: Drive, facts: ObjectFacts, look: Look) -> Preview:
    return _by_browser("image", drive, facts, look, _IMAGE)


def _drawing(drive: Drive, facts: ObjectFacts, look: Look) -> Preview:
    """As a picture only, in which no script runs; its type is said by us."""
    if facts.size_bytes > _SVG:
        return Preview("too-large")
    return Preview("image", link=_content_url(drive, facts, look))


def _pdf(drive: Drive, facts: ObjectFacts, look: Look) -> Preview:
    return _by_browser("pdf", drive, facts, look, _PDF)


def _sound(drive: Drive, facts: ObjectFacts, look: Look) -> Preview:
    return _by_browser("audio", drive, facts, look, None)


def _film(drive: Drive, facts: ObjectFacts, look: Look) -> Preview:
    return _by_browser("video", drive, facts, look, None)


def _by_browser(
    kind: Kind, drive: Drive, facts: ObjectFacts, look: Look, most: int | None
) -> Preview:
    """Never decoded by us: the browser fetches it, and bears what it finds."""
    if most is not None and facts.size_bytes > most:
        return Preview("too-large")
    if not drive.is_own:
        return Preview(kind, link=_content_url(drive, facts, look))
    life = _LINK_LIFE if most is not None else _WATCHED
    link = store_of(drive).link_to_get(
        drive.bucket, facts.key, lifetime=life, version=look.version
    )
    return Preview(kind, link=link)


def _content_url(drive: Drive, facts: ObjectFacts, look: Look) -> str:
    here = [drive.workspace.slug, drive.name, facts.key]
    query = f"?{urlencode({'version': look.version})}" if look.version else ""
    return reverse("files_content", args=here) + query


_TABLES = frozenset(
    (
        *rows.CSV_ENDINGS,
        *rows.LINES_ENDINGS,
        *rows.PARQUET_ENDINGS,
        *rows.WORKBOOK_ENDINGS,
    )
)
_READERS: dict[str, Callable[[Drive, ObjectFacts, Look], Preview]] = {
    **dict.fromkeys(("png", "jpg", "jpeg", "gif", "webp", "avif"), _image),
    "svg": _drawing,
    **dict.fromkeys(("mp3", "m4a", "ogg", "oga", "opus", "flac", "wav"), _sound),
    **dict.fromkeys(("mp4", "m4v", "webm", "ogv", "mov"), _film),
    **dict.fromkeys(("md", "markdown"), _markdown),
    "json": _json,
    "ipynb": _notebook,
    "pdf": _pdf,
    **dict.fromkeys(maps.ENDINGS, _map),
}
