"""A notebook to read: its cells and their outputs, with nothing in them that acts."""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import nh3
from django.utils.safestring import mark_safe

MOST_CELLS = 200
_LONGEST_TEXT = 20_000
_IMAGES = ("image/png", "image/jpeg", "image/gif")
# Colours and cursor movements of a terminal.
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_TABLES = {
    *(
        "table",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "th",
        "td",
        "caption",
        "p",
        "br",
        "div",
    ),
    *("span", "strong", "em", "b", "i", "code", "pre", "ul", "ol", "li", "h1", "h2"),
    *("h3", "h4", "sub", "sup", "small"),
}
_SPANS = {"td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}


class NotANotebook(ValueError):
    """This is not JSON in the form of a notebook."""


@dataclass(frozen=True, slots=True)
class Output:
    """`content` is text, sanitised HTML, or for an image its data URI."""

    kind: Literal["text", "error", "html", "image"]
    content: str


@dataclass(frozen=True, slots=True)
class Cell:
    kind: Literal["code", "markdown", "raw"]
    source: str
    number: int | None
    outputs: Sequence[Output]


@dataclass(frozen=True, slots=True)
class Notebook:
    cells: Sequence[Cell]
    language: str
    has_more: bool


def from_json(content: bytes) -> Notebook:
    """Raises NotANotebook."""
    try:
        document = json.loads(content)
        raw = document["cells"]
        language = document.get("metadata", {}).get("language_info", {}).get("name", "")
        cells = [_cell(one) for one in raw[:MOST_CELLS]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotANotebook from error
    return Notebook(cells, str(language), has_more=len(raw) > MOST_CELLS)


def _cell(raw: Mapping[str, Any]) -> Cell:
    kinds: dict[str, Literal["code", "markdown"]] = {
        "code": "code",
        "markdown": "markdown",
    }
    number = raw.get("execution_count")
    outputs = [_output(one) for one in raw.get("outputs", ())]
    return Cell(
        kind=kinds.get(str(raw.get("cell_type")), "raw"),
        source=_text(raw.get("source")),
        number=number if isinstance(number, int) else None,
        outputs=[output for output in outputs if output],
    )


def _output(raw: Mapping[str, Any]) -> Output | None:
    kind = raw.get("output_type")
    if kind == "stream":
        return Output("text", _plain(raw.get("text")))
    if kind == "error":
        return Output("error", _plain(raw.get("traceback"), joint="\n"))
    data = raw.get("data", {})
    for mime in _IMAGES:
        if mime in data:
            return _image(mime, _text(data[mime]))
    if "text/html" in data:
        html = _text(data["text/html"])[:_LONGEST_TEXT]
        clean = nh3.clean(html, tags=_TABLES, attributes=_SPANS)
        return Output("html", mark_safe(clean))  # noqa: S308 # sanitised just above
    return Output("text", _plain(data["text/plain"])) if "text/plain" in data else None


def _image(mime: str, encoded: str) -> Output | None:
    try:
        image = base64.b64decode("".join(encoded.split()), validate=True)
    except binascii.Error:
        return None
    return Output("image", f"data:{mime};base64,{base64.b64encode(image).decode()}")


def _text(value: object, *, joint: str = "") -> str:
    """Notebooks keep a text as one string or as a list of lines."""
    if isinstance(value, list):
        return joint.join(str(line) for line in value)
    return "" if value is None else str(value)


def _plain(value: object, *, joint: str = "") -> str:
    return _ESCAPES.sub("", _text(value, joint=joint))[:_LONGEST_TEXT]
