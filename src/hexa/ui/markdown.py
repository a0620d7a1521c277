"""Markdown that people write, as HTML that cannot harm who reads it."""

from collections.abc import Iterator, Sequence
from typing import Protocol
from urllib.parse import unquote

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.tasklists import tasklists_plugin

# Raw HTML in the text stays text; what comes out is sanitised all the same.
_parser = (
    MarkdownIt("commonmark", {"html": False, "linkify": False})
    .enable(["table", "strikethrough"])
    .use(tasklists_plugin)
)

_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "input": {"type", "checked", "disabled"},
    "li": {"class"},
    "ul": {"class"},
    "code": {"class"},
    "ol": {"start"},
}
_TAGS = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "blockquote", "pre", "code"),
    *("ul", "ol", "li", "input", "strong", "em", "s", "a", "img"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


class Follow(Protocol):
    """Where a link or picture leads that names a file; None where it names none.

    `target` is what was written, as text: percent signs are decoded already.
    """

    def __call__(self, target: str, *, is_picture: bool) -> str | None: ...


def rendered(text: str, *, follow: Follow | None = None) -> SafeString:
    """Images and links only by https, mailto or an address of ours; no styles."""
    tokens = _parser.parse(text)
    for token in _pointing(tokens) if follow else ():
        name = "src" if token.type == "image" else "href"
        target = unquote(str(token.attrGet(name) or ""))
        url = follow and follow(target, is_picture=token.type == "image")
        if url:
            token.attrSet(name, url)
    html = nh3.clean(
        _parser.renderer.render(tokens, _parser.options, {}),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(html)  # noqa: S308 # sanitised just above


def _pointing(tokens: Sequence[Token]) -> Iterator[Token]:
    """Links and pictures, also those inside of others."""
    for token in tokens:
        if token.type in {"link_open", "image"}:
            yield token
        yield from _pointing(token.children or ())
