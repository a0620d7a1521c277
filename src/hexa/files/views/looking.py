"""Files looked into: their preview, and what the preview fetches later."""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import urlencode

from asgiref.sync import sync_to_async
from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from hexa.files.models import Drive
from hexa.files.queries import (
    links,
    listing,
    looks,
    maps,
    notebooks,
    preview,
    profiles,
    rows,
    tables,
)
from hexa.files.views.naming import namings
from hexa.files.views.requests import asker, drive_named
from hexa.foundation.access import people
from hexa.foundation.answers import spoken
from hexa.foundation.errors import Refusal
from hexa.ui.markdown import rendered

Answer = TypeVar("Answer")
# Rows under an order lie far apart; a page of fewer comes sooner.
_PICKED = 50
# What of the address says how a file is seen, and is passed on.
_SEEN_BY = ("order", "where", "delimiter", "encoding", "decimal", "sheet")

# Links open in a tab of their own; scripts, forms and the page around it are out of reach.
NOTEBOOK_POLICY = {
    "default-src": [NONE],
    "script-src": [NONE],
    "connect-src": [NONE],
    "frame-src": [NONE],
    "form-action": [NONE],
    "base-uri": [SELF],
    "style-src": [SELF],
    "img-src": [SELF, "data:"],
    "frame-ancestors": [SELF],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few ways to read the file."""

    value: str
    name: str
    is_current: bool


def file_context(
    request: HttpRequest, drive: Drive, key: str, *, version: str = ""
) -> dict[str, Any]:
    """With `version`, of what the file held then: the page must say so."""
    facts = listing.facts(drive, key, version=version, by=asker(request))
    look = looks.look_from(request.GET, version=version)
    if look.is_picky:
        look = replace(look, count=_PICKED)
    seen = preview.preview(drive, facts, by=asker(request), look=look)
    if seen.refusal:
        look = look.plain()
    here = [drive.workspace.slug, drive.name, key]
    then = f"?{urlencode({'version': version})}" if version else ""
    return {
        "file": facts,
        "version": version,
        "file_address": drive.address_of(key),
        "file_namings": namings(request, drive, key),
        "file_versions_url": reverse("files_versions", args=here),
        "preview": seen,
        "prose": _prose(request, drive, key, seen.text)
        if seen.kind == "markdown"
        else "",
        "download_url": reverse("files_download", args=here) + then,
        "notebook_url": reverse("files_notebook", args=here) + then,
        "features_url": reverse("files_features", args=here) + then,
        "refusal": spoken(seen.refusal) if seen.refusal else "",
        **(_table_context(request, seen.table, look, here) if seen.table else {}),
    }


def _prose(request: HttpRequest, drive: Drive, key: str, text: str) -> SafeString:
    """What the text names is looked for beside it."""
    folder = key[: key.rfind("/") + 1]
    follow = links.Links(drive.workspace, asker(request), drive, folder)
    return rendered(text, follow=follow)


def _table_context(
    request: HttpRequest, table: tables.Table, look: looks.Look, here: Sequence[str]
) -> dict[str, Any]:
    kept = {name: request.GET[name] for name in _SEEN_BY if request.GET.get(name)}
    then = {"version": look.version} if look.version else {}
    reading = then | {
        name: kept[name] for name in kept if name not in {"order", "where"}
    }
    further = table.following
    return {
        "table_rows": _table_rows(table),
        "rows_url": _read_so("files_rows", here, reading),
        "profiles_url": _read_so("files_profile", here, reading),
        "grid": {
            "columns": [[one.name, one.kind, one.type] for one in table.columns],
            "rows": table.rows,
            **_counts(table),
            # The grid counts its rows from the first, and begins there.
            **({"rows": [], "next": 0} if look.at else {}),
            "order": f"{look.order[1]}:{look.order[0]}" if look.order else "",
            "where": look.where,
        },
        "is_further_on": look.at > 0,
        "first_rows_url": _asked_again(request, at=None),
        "next_rows_url": "" if further is None else _asked_again(request, at=further),
        "kept": {
            name: text
            for name, text in request.GET.items()
            if name not in {"delimiter", "encoding", "decimal", "at", "order", "where"}
        },
        "delimiters": _choices(
            looks.DELIMITERS, request.GET.get("delimiter", ""), {"tab": "⇥"}
        ),
        "encodings": _choices(
            looks.ENCODINGS, request.GET.get("encoding", ""), looks.ENCODINGS
        ),
        "decimal": request.GET.get("decimal", ""),
        "sheet_tabs": [
            Choice(
                _asked_again(request, sheet=name, at=None, order=None, where=None),
                name,
                name == table.sheet,
            )
            for name in table.sheets
        ],
    }


def _read_so(name: str, here: Sequence[str], reading: Mapping[str, str]) -> str:
    """The address of what reads the same file in the same way."""
    return f"{reverse(name, args=here)}{'?' if reading else ''}{urlencode(reading)}"


def _asked_again(request: HttpRequest, **changed: str | int | None) -> str:
    """The query of this page with some of it changed; None leaves a name out."""
    query = request.GET.dict() | changed
    return "?" + urlencode({k: v for k, v in query.items() if v is not None})


def _choices(
    known: Mapping[str, str], current: str, names: Mapping[str, str]
) -> list[Choice]:
    return [Choice(one, names.get(one, one), one == current) for one in known]


def _table_rows(table: tables.Table) -> list[list[tuple[str | None, bool]]]:
    """Each cell of a table with whether it is a number."""
    numbers = [column.kind == "number" for column in table.columns]
    return [list(zip(row, numbers, strict=True)) for row in table.rows]


def _counts(table: tables.Table) -> dict[str, Any]:
    return {
        "total": table.row_count,
        "matching": table.matching,
        "columnCount": table.column_count,
        "next": table.following,
        "canBeOrdered": table.can_be_ordered,
    }


@people
@require_safe
@xframe_options_sameorigin
@csp_replace(NOTEBOOK_POLICY)  # type: ignore[arg-type] # its types forget what URLs pass
def notebook(request: HttpRequest, slug: str, drive: str, path: str) -> HttpResponse:
    """A notebook as a page of its own, for a frame in which nothing can act."""
    found = drive_named(request, slug, drive)
    look = looks.Look(version=request.GET.get("version", ""))
    facts = listing.facts(found, path, version=look.version, by=asker(request))
    context: dict[str, Any] = {"file": facts}
    try:
        seen = preview.notebook(found, facts, look, by=asker(request))
    except Refusal as refusal:
        context["refusal"] = spoken(refusal)
    else:
        context |= {"notebook": seen, "cells": _cells(seen)}
    return render(request, "files/notebook.html", context)


def _cells(seen: notebooks.Notebook) -> list[tuple[notebooks.Cell, str]]:
    """Each cell with its Markdown as HTML."""
    return [
        (cell, rendered(cell.source) if cell.kind == "markdown" else "")
        for cell in seen.cells
    ]


@people
@require_safe
@gzip_page
async def table_rows(
    request: HttpRequest, slug: str, drive: str, path: str
) -> HttpResponse:
    """A page of rows for the grid. When nobody waits any more, reading stops."""
    look = looks.look_from(request.GET, version=request.GET.get("version", ""))
    begun = await sync_to_async(_begun)(request, slug, drive, path, look)
    table = (
        begun
        if isinstance(begun, tables.Table)
        else await _waited(rows.finished, begun)
    )
    columns = [[one.name, one.kind, one.type] for one in table.columns]
    return JsonResponse({"columns": columns, "rows": table.rows, **_counts(table)})


def _begun(
    request: HttpRequest, slug: str, drive: str, path: str, look: looks.Look
) -> tables.Table | rows.Errand:
    found = drive_named(request, slug, drive)
    facts = listing.facts(found, path, version=look.version, by=asker(request))
    return rows.begun(found, facts, look, by=asker(request))


@people
@require_safe
async def column_profile(
    request: HttpRequest, slug: str, drive: str, path: str
) -> HttpResponse:
    """What one column holds, for its head in the grid."""
    errand = await sync_to_async(_profile_begun)(request, slug, drive, path)
    return JsonResponse(await _waited(rows.answered, errand))


def _profile_begun(
    request: HttpRequest, slug: str, drive: str, path: str
) -> rows.Errand:
    found = drive_named(request, slug, drive)
    look = looks.look_from(request.GET, version=request.GET.get("version", ""))
    facts = listing.facts(found, path, version=look.version, by=asker(request))
    column = request.GET.get("column", "")
    return profiles.begun(found, facts, look, column, by=asker(request))


@people
@require_safe
@gzip_page
async def features(
    request: HttpRequest, slug: str, drive: str, path: str
) -> HttpResponse:
    """The layer of a map, in degrees."""
    layer = request.GET.get("layer", "")
    errand = await sync_to_async(_map_begun)(request, slug, drive, path, layer)
    return JsonResponse(await _waited(rows.answered, errand))


def _map_begun(
    request: HttpRequest, slug: str, drive: str, path: str, layer: str
) -> rows.Errand:
    found, version = drive_named(request, slug, drive), request.GET.get("version", "")
    facts = listing.facts(found, path, version=version, by=asker(request))
    return maps.begun(found, facts, layer, version=version, by=asker(request))


async def _waited(
    finish: Callable[[rows.Errand, threading.Event], Answer], errand: rows.Errand
) -> Answer:
    """In a thread of its own; told when nobody waits any more."""
    cancelled = threading.Event()
    try:
        return await asyncio.to_thread(finish, errand, cancelled)
    except asyncio.CancelledError:
        cancelled.set()
        raise
