"""The parts of the interface. Usage of each: the README of this folder."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BaseForm, BoundField, CheckboxInput
from django.template.context import Context
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html, strip_spaces_between_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from hexa.ui import uploads
from hexa.ui.drawing import attributes, draw, new_id, short_moment
from hexa.ui.icons import Icon

register = template.Library()

BYTE_STEP = 1000
EMPTY = mark_safe("")


# ------------------------------------------------------------------ words and icons


@register.simple_tag
@lru_cache(maxsize=500)
def icon(name: str, *, label: str = "", large: bool = False) -> SafeString:
    """Written out once rather than drawn from a template: tables hold hundreds."""
    return format_html(
        '<svg class="icon{}" data-icon="{}"{}><use href="{}#{}"/></svg>',
        " icon-large" if large else "",
        name,
        format_html(' role="img" aria-label="{}"', label)
        if label
        else mark_safe(' aria-hidden="true"'),
        static("ui/icons.svg"),
        name,
    )


@register.filter
def size(count: int | None) -> str:
    """Bytes in words: 84 kB, 2.4 MB; in French 84 ko, 2,4 Mo. Steps of 1000."""
    if count is None:
        return ""
    if count < BYTE_STEP:
        return ngettext("%(count)s byte", "%(count)s bytes", count) % {
            "count": formats.number_format(count)
        }
    units = (gettext("kB"), gettext("MB"), gettext("GB"), gettext("TB"), gettext("PB"))
    power = 1
    while power < len(units) and round(count / BYTE_STEP**power, 1) >= BYTE_STEP:
        power += 1
    amount = count / BYTE_STEP**power
    is_whole = amount >= 100 or power == 1 or round(amount, 1) == round(amount)
    decimals = 0 if is_whole else 1
    # number_format cuts digits off; rounding comes first.
    number = formats.number_format(round(amount, decimals), decimals)
    return f"{number}\N{NO-BREAK SPACE}{units[power - 1]}"


@register.simple_tag
def moment(value: datetime | None) -> SafeString:
    """`today 09:12`, `12 Nov`, `12 Nov 2024`; the full time on hover."""
    if value is None:
        return EMPTY
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        formats.date_format(local, "DATETIME_FORMAT"),
        short_moment(local, timezone.localdate()),
    )


@register.simple_block_tag
def slot(content: SafeString) -> SafeString:
    """Only with `as name`: markup kept for a keyword of another part."""
    return content


# ------------------------------------------------------------------ buttons and menus


@register.simple_block_tag
def button(
    content: SafeString,
    *,
    kind: str = "",
    icon: str = "",
    href: str = "",
    type: str = "submit",  # noqa: A002 # HTML's word
    small: bool = False,
    wide: bool = False,
    **more: Any,
) -> SafeString:
    """A link when `href` is given. Kinds: main, danger, plain, link."""
    classes = ["button"]
    classes += [f"button-{kind}"] if kind else []
    classes += ["button-small"] if small else []
    classes += ["button-wide"] if wide else []
    return draw(
        "button",
        words=content,
        classes=" ".join(classes),
        icon=icon,
        href=href,
        type=type,
        attributes=attributes(more),
    )


@register.simple_tag
def icon_button(
    icon: str,
    *,
    label: str,
    href: str = "",
    type: str = "button",  # noqa: A002 # HTML's word
    small: bool = False,
    **more: Any,
) -> SafeString:
    """Only for what everyone knows: close, download, more, copy."""
    return draw(
        "button",
        classes=f"button button-plain button-icon{' button-small' if small else ''}",
        icon=icon,
        href=href,
        type=type,
        attributes=attributes({"aria_label": label, "title": label, **more}),
    )


@register.simple_block_tag
def menu(
    content: SafeString,
    *,
    label: str,
    icon: str = "",
    kind: str = "",
    small: bool = False,
    icon_only: bool = False,
) -> SafeString:
    return draw(
        "menu",
        id=new_id("menu"),
        items=content,
        label=label,
        icon=icon or (Icon("ellipsis") if icon_only else ""),
        kind=kind,
        small=small,
        icon_only=icon_only,
    )


@register.simple_tag
def menu_item(
    name: str,
    *,
    href: str = "",
    icon: str = "",
    detail: str = "",
    current: bool = False,
    danger: bool = False,
    **more: Any,
) -> SafeString:
    """A link, or without `href` a button for an island or a dialog to act on."""
    return draw(
        "menu_item",
        name=name,
        href=href,
        icon=icon,
        detail=detail,
        current=current,
        danger=danger,
        attributes=attributes(more),
    )


@register.simple_tag(takes_context=True)
def menu_post(
    context: Context,
    name: str,
    *,
    url: str,
    icon: str = "",
    danger: bool = False,
    values: Mapping[str, str] | None = None,
    **more: Any,
) -> SafeString:
    """An entry that acts: a form of its own, so that it works without JavaScript."""
    return draw(
        "menu_post",
        name=name,
        url=url,
        icon=icon,
        danger=danger,
        values=values or {},
        attributes=attributes(more),
        csrf_token=context.get("csrf_token"),
    )


# ------------------------------------------------------------------ forms


@register.simple_tag
def field(
    bound: BoundField,
    *,
    help: str = "",  # noqa: A002 # HTML and Django call it so
    mono: bool = False,
) -> SafeString:
    """Label, control, help and errors of one field of a Django form."""
    if help:
        bound.help_text = help
    return draw(
        "field",
        field=bound,
        mono=mono,
        is_check=isinstance(bound.field.widget, CheckboxInput),
    )


@register.simple_tag
def form_fields(form: BaseForm) -> SafeString:
    """Every field in order, below the errors that belong to none of them."""
    return draw("form_fields", form=form)


# ------------------------------------------------------------------ containers


@register.simple_block_tag
def card(
    content: SafeString,
    *,
    title: str = "",
    icon: str = "",
    actions: str = "",
    foot: str = "",
    flush: bool = False,
    **more: Any,
) -> SafeString:
    """`flush` lets a table or tabs reach the border."""
    return draw(
        "card",
        body=content,
        title=title,
        icon=icon,
        actions=actions,
        foot=foot,
        flush=flush,
        attributes=attributes(more),
    )


@register.simple_block_tag
def tabs(content: SafeString, *, label: str) -> SafeString:
    return draw("tabs", items=content, label=label)


@register.simple_tag
def tab(
    name: str,
    *,
    href: str,
    current: bool = False,
    count: int | None = None,
    **more: Any,
) -> SafeString:
    return draw(
        "tab",
        name=name,
        href=href,
        current=current,
        count=count,
        attributes=attributes(more),
    )


@register.simple_block_tag
def table(content: SafeString, *, label: str, grid: bool = False) -> SafeString:
    """Wraps thead and tbody. `grid` is the dense form for unknown data."""
    return draw("table", rows=content, label=label, grid=grid)


@register.simple_tag(takes_context=True)
def column(
    context: Context,
    name: str,
    *,
    sort: str = "",
    default: bool = False,
    falls_first: bool = False,
    number: bool = False,
    wide: bool = False,
    hidden: bool = False,
) -> SafeString:
    """A heading; with `sort`, a link that sets `?sort=` and turns it round.

    `default`: the order when none is asked for. `falls_first`: the largest or newest
    come first at the first choice. `wide` columns are left out on a narrow screen; a `hidden` name is only read aloud.
    """
    request = context["request"]
    current = request.GET.get("sort", sort if default else "")
    query = request.GET.copy()
    turned = {sort: f"-{sort}", f"-{sort}": sort}
    query["sort"] = turned.get(current, f"-{sort}" if falls_first else sort)
    for place in ("after", "before"):  # positions in the old order
        query.pop(place, None)
    state = {sort: "ascending", f"-{sort}": "descending"}.get(current, "none")
    return draw(
        "column",
        name=name,
        href=f"?{query.urlencode()}" if sort else "",
        state=state if sort else "",
        number=number,
        wide=wide,
        hidden=hidden,
    )


@register.simple_block_tag
def breadcrumb(content: SafeString) -> SafeString:
    """Without the spaces of the template: they would be copied with the path."""
    items = mark_safe(strip_spaces_between_tags(content.strip()))  # noqa: S308 # as safe as it was
    return draw("breadcrumb", items=items)


@register.simple_tag
def crumb(name: str, href: str = "", *, mono: bool = False) -> SafeString:
    """Without an address it is where one is: the heading of the page."""
    return draw("crumb", name=name, href=href, mono=mono)


@register.simple_block_tag
def dialog(
    content: SafeString,
    *,
    id: str,  # noqa: A002 # HTML's word
    title: str,
    drawer: bool = False,
) -> SafeString:
    """Opened by `{% button type="button" popovertarget=id %}`, without JavaScript
    too; with it, the rest of the page is out of reach while it is open."""
    return draw("dialog", body=content, id=id, title=title, drawer=drawer)


@register.simple_block_tag
def empty_state(
    content: SafeString, *, title: str, icon: str, actions: str = ""
) -> SafeString:
    """What this is, why it is empty, and the one next action."""
    return draw("empty_state", text=content, title=title, icon=icon, actions=actions)


@register.simple_block_tag
def callout(
    content: SafeString, *, tone: str = "busy", title: str = "", actions: str = ""
) -> SafeString:
    """Tones: busy (information), good, warn, bad."""
    icons = {
        "good": Icon("circle-check"),
        "warn": Icon("triangle-alert"),
        "bad": Icon("circle-alert"),
    }
    return draw(
        "callout",
        text=content,
        tone=tone,
        title=title,
        actions=actions,
        icon=icons.get(tone, Icon("info")),
    )


# ------------------------------------------------------------------ small parts


@register.simple_tag
def badge(name: str, *, tone: str = "", dot: bool = False) -> SafeString:
    """Tones: good, warn, bad, busy. The word says the state; the colour repeats it."""
    return draw("badge", name=name, tone=tone, dot=dot)


@register.simple_tag
def progress(
    label: str, *, value: int | None = None, of: int = 100, detail: str = ""
) -> SafeString:
    """Without a value: on its way, nobody knows how far."""
    return draw("progress", label=label, value=value, of=of, detail=detail)


@register.simple_tag
def skeleton(lines: int = 3) -> SafeString:
    return draw("skeleton", lines=range(lines))


@register.simple_tag
def code(text: str, *, label: str = "") -> SafeString:
    return draw("code", text=text, label=label)


@register.simple_tag
def address(text: str) -> SafeString:
    return draw("address", text=text)


@register.simple_tag
def copy_button(text: str, *, label: str = "", words: str = "") -> SafeString:
    return draw("copy_button", text=text, label=label or gettext("Copy"), words=words)


@register.simple_tag
def avatar(name: str, *, square: bool = False) -> SafeString:
    return draw("avatar", initials=initials(name), square=square)


def initials(name: str) -> str:
    """Of the first and the last word: "Ana Maria Silva" gives AS."""
    words = re.findall(r"\w+", name.partition("@")[0])
    return "".join(word[0] for word in dict.fromkeys((*words[:1], *words[-1:])))


@register.simple_tag
def key(name: str) -> SafeString:
    return format_html('<kbd class="key needs-script">{}</kbd>', name)


@register.simple_tag
def stat(name: str, value: str | int, *, detail: str = "") -> SafeString:
    return draw("stat", name=name, value=value, detail=detail)


@register.simple_tag
def pager(
    summary: str = "", *, previous_url: str = "", next_url: str = ""
) -> SafeString:
    return draw("pager", summary=summary, previous_url=previous_url, next_url=next_url)


# ------------------------------------------------------------------ islands


@register.simple_tag(takes_context=True)
def uploader(
    context: Context,
    *,
    addresses: Mapping[str, str],
    fallback: str = "",
    discard: str = "",
    unfinished: Sequence[Any] = (),
    keeps_versions: bool = False,
) -> SafeString:
    """Takes the files picked with a button `data_upload=True`, folders picked with
    `data_upload="folder"`, and what is dropped on the page.

    The addresses speak as `islands/upload/protocol.ts` says. Of a browser without
    JavaScript, `fallback` takes an ordinary form with `file` and `if_taken`, `discard`
    one with `upload`. `unfinished`: uploads with id, name, wanted_key, size_bytes,
    sent_bytes and started_at. Where the store `keeps_versions` nothing is replaced for
    good, and the form asks for no name to be typed.
    """
    return draw(
        "uploader",
        addresses=json.dumps(addresses),
        fallback=fallback,
        discard=discard,
        unfinished=unfinished,
        keeps_versions=keeps_versions,
        words=json.dumps(uploads.words()),
        csrf_token=context.get("csrf_token"),
    )


@register.simple_block_tag
def waiting(
    content: SafeString, *, source: str, title: str, first: str, usual: str = ""
) -> SafeString:
    """Follows the event stream of what starts, then goes there: its events are in
    `islands/wait/index.ts`. The content, shown when it fails, is the way on."""
    return draw(
        "waiting", again=content, source=source, title=title, first=first, usual=usual
    )
