"""How the tags of `templatetags/ui.py` become HTML."""

from collections.abc import Mapping
from datetime import date, datetime
from secrets import token_hex
from typing import Any

from django.template.loader import render_to_string
from django.utils import formats
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext


def draw(part: str, /, **context: Any) -> SafeString:
    return render_to_string(f"ui/parts/{part}.html", context)


def attributes(given: Mapping[str, Any]) -> SafeString:
    """`hx_get="…"` as ` hx-get="…"`; True is a bare attribute, None and False none."""
    kept = [
        (name.strip("_").replace("_", "-"), value)
        for name, value in given.items()
        if value is not None and value is not False
    ]
    return format_html_join(
        "",
        "{}",
        (
            (
                format_html(" {}", name)
                if value is True
                else format_html(' {}="{}"', name, value),
            )
            for name, value in kept
        ),
    )


def new_id(stem: str) -> str:
    """An id that stays unique when HTMX adds a fragment to a page already open."""
    return f"{stem}-{token_hex(4)}"


def short_moment(local: datetime, today: date) -> str:
    if local.date() == today:
        return gettext("today %(time)s") % {"time": formats.time_format(local, "H:i")}
    if local.year == today.year:
        return formats.date_format(local, pgettext("date in this year", "j M"))
    return formats.date_format(local, pgettext("date in another year", "j M Y"))
