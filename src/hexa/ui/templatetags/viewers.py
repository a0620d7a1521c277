"""Islands that show what is in a file: grid, document, map.

{% grid source=… profiles=… label=… data=… %}a table, for who has no JavaScript{% endgrid %}
{% document source=… %}    {% feature_map source=… %}
"""

import json
from collections.abc import Mapping
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import _json_script_escapes, format_html  # type: ignore[attr-defined] # what json_script escapes by
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

register = template.Library()


@register.simple_block_tag
def grid(
    content: SafeString,
    *,
    source: str,
    profiles: str,
    label: str,
    data: Mapping[str, Any],
) -> SafeString:
    """`data` is `Given` of `islands/grid/data.ts`; `source` answers a `Page`, and
    `profiles` a `Profile` of `islands/grid/profiles.ts`."""
    told = json.dumps({**data, "words": grid_words()}).translate(_json_script_escapes)
    return format_html(
        '<hexa-grid source="{}" profiles="{}" label="{}" icons="{}">'
        '<script type="application/json">{}</script>{}</hexa-grid>',
        source,
        profiles,
        label,
        static("ui/icons.svg"),
        mark_safe(told),  # noqa: S308 # escaped just above
        content,
    )


@register.simple_tag
def document(*, source: str) -> SafeString:
    """A PDF; `source` must be of our origin, and should answer ranges."""
    words = {
        "loading": gettext("Loading…"),
        "failed": gettext(
            "This document could not be shown. Download it to look closer."
        ),
        "page": gettext("Page of the document"),
        "position": gettext("Page {page} of {count}"),
        "previous": gettext("Previous page"),
        "next": gettext("Next page"),
    }
    return format_html(
        '<hexa-pdf source="{}" worker="{}" data-words="{}"></hexa-pdf>',
        source,
        static("ui/pdf-worker.js"),
        json.dumps(words),
    )


@register.simple_tag
def feature_map(*, source: str) -> SafeString:
    """`source` answers the layer that `islands/map/index.ts` describes."""
    words = {
        "loading": gettext("Loading…"),
        "failed": gettext(
            "The map could not be drawn: this browser offers no WebGL. Download the file, or open it in a notebook."
        ),
        "map": gettext("Map of the features"),
        "layer": gettext("Layer"),
        "all": gettext("{layer}: {shown} features. Choose one to read about it."),
        "cut": gettext(
            "{layer}: the first {shown} of {total} features. Choose one to read about it."
        ),
    }
    return format_html(
        '<hexa-map source="{}" worker="{}" land="{}" data-words="{}"></hexa-map>',
        source,
        static("ui/map-worker.js"),
        static("ui/land.json"),
        json.dumps(words),
    )


def grid_words() -> dict[str, str]:
    return {
        "rowsOf": gettext("Rows {first}–{last} of {total}"),
        "rowsOfMany": gettext("Rows {first}–{last} of many"),
        "rowsMatching": gettext("Rows {first}–{last} of {total} that match"),
        "noRows": gettext("No rows"),
        "loading": gettext("Loading…"),
        "again": gettext("Try again"),
        "next": gettext("Next 1,000"),
        "previous": gettext("Previous 1,000"),
        "row": gettext("Row"),
        "null": gettext("null"),
        "ascending": gettext("Sort ascending"),
        "descending": gettext("Sort descending"),
        "unordered": gettext("As in the file"),
        "cannotOrder": gettext(
            "This table is shown in its own order only. Keep it as Parquet to sort and filter it."
        ),
        "condition": gettext("Condition"),
        "value": gettext("Value"),
        "filter": gettext("Filter"),
        "clear": gettext("Remove the filter"),
        "contains": gettext("contains"),
        "missing": gettext("is missing"),
        "present": gettext("is present"),
        "pin": gettext("Pin to the left"),
        "unpin": gettext("Unpin"),
        "hide": gettext("Hide"),
        "showHidden": gettext("Show {count} hidden"),
        "copy": gettext("Copy"),
        "copyCell": gettext("Cell"),
        "copyCells": gettext("Chosen cells"),
        "copiedCells": gettext("Copied: {rows} × {columns} cells"),
        "widthIs": gettext("{name}: {pixels} pixels wide"),
        "rowCsv": gettext("Row as CSV"),
        "rowMarkdown": gettext("Row as Markdown"),
        "columnCsv": gettext("Column as CSV"),
        "columnMarkdown": gettext("Column as Markdown"),
        "copied": gettext("Copied"),
        "notCopied": gettext("Could not copy"),
        "profile": gettext("Profile"),
        "profileBar": gettext("{range}: {rows} rows"),
        "profileSpread": gettext("From {range}; most rows at {most}"),
        "profileCommon": gettext("{value}: {rows} rows. Show only these"),
        "profileDistinct": gettext("{count} distinct"),
        "profileAbout": gettext("about {count} distinct"),
        "profileMissing": gettext("{share} missing"),
        "profileMean": gettext("mean {mean}"),
        "text": gettext("text"),
        "number": gettext("number"),
        "date": gettext("date"),
        "boolean": gettext("yes or no"),
        "other": gettext("other"),
    }
