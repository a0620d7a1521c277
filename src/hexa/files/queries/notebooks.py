"""A notebook to read: its cells and their outputs, with nothing in them that acts."""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import nh3
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from hexa.files.errors import NotANotebook

MOST_CELLS = 200
_LONGEST_TEXT = 20_000
_IMAGES = ("image/png", "image/jpeg", "image/gif")
# Colours and cursor movements of a terminal; of the colours we keep the eight.
_ESCAPES = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])")
_COLOURS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_LONG = 30
_MOST_OUTPUTS = 50
_LARGEST_IMAGE = 4 * 2**20
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


@dataclass(frozen=True, slots=True)
class Output:
    """`content` is text, sanitised HTML, or for an image its data URI."""

    kind: Literal["text", "error", "html", "image"]
    content: str

    @property
    def lines(self) -> int:
        return self.content.count("\n") + 1 if self.kind in {"text", "error"} else 1

    @property
    def is_long(self) -> bool:
        """Shown folded; an error is read from its end, and never folded."""
        return self.kind == "text" and self.lines > _LONG


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
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise NotANotebook from None
    return Notebook(cells, str(language), has_more=len(raw) > MOST_CELLS)


def _cell(raw: Mapping[str, Any]) -> Cell:
    kinds: dict[str, Literal["code", "markdown"]] = {
        "code": "code",
        "markdown": "markdown",
    }
    number = raw.get("execution_count")
    outputs = [_output(one) for one in raw.get("outputs", ())[:_MOST_OUTPUTS]]
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
    if len(image) > _LARGEST_IMAGE:
        return Output("text", gettext("This picture is too large to be shown here."))
    return Output("image", f"data:{mime};base64,{base64.b64encode(image).decode()}")


def _text(value: object, *, joint: str = "") -> str:
    """Notebooks keep a text as one string or as a list of lines."""
    if isinstance(value, list):
        return joint.join(str(line) for line in value)
    return "" if value is None else str(value)


def _plain(value: object, *, joint: str = "") -> SafeString:
    """The text with its colours, and without what moves a cursor."""
    text = _text(value, joint=joint)[:_LONGEST_TEXT]
    parts: list[SafeString] = []
    style, end = "", 0
    for found in _ESCAPES.finditer(text):
        parts.append(_coloured(text[end : found.start()], style))
        style, end = _style(found, style), found.end()
    return mark_safe("".join([*parts, _coloured(text[end:], style)]))  # noqa: S308 # each part is escaped


def _coloured(text: str, style: str) -> SafeString:
    return (
        format_html('<span class="{}">{}</span>', style, text)
        if style and text
        else escape(text)
    )


def _style(found: re.Match[str], before: str) -> str:
    if found[2] != "m":
        return before
    style = before
    for code in found[1].split(";"):
        number = int(code) if code.isdigit() and len(code) < 4 else 0
        if number == 0:
            style = ""
        elif number % 10 < 8 and number // 10 in {3, 9}:
            style = f"ansi-{_COLOURS[number % 10]}"
    return style
