"""The drives of a workspace: its own, and buckets that admins connect to it."""

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from hexa.files import actions, permissions
from hexa.files.errors import OwnDriveStays
from hexa.files.forms import BucketForm, ConfirmForm
from hexa.files.models import Access, Drive
from hexa.files.queries.examining import policy_to_paste
from hexa.files.queries.store import AnyPlace, Place, credentials_of
from hexa.files.views.requests import asker, drive_named
from hexa.foundation import vault
from hexa.foundation.access import people
from hexa.foundation.answers import spoken
from hexa.foundation.errors import Conflict, Invalid
from hexa.foundation.keyring import KeyMissing
from hexa.ui.pages import page
from hexa.ui.toasts import toast
from hexa.workspaces.models import Workspace

# Between a test and saving, the key waits in the person's session, sealed.
_DRAFT = "files.bucket.draft"
_KEY = ("access_key_id", "secret_access_key")


@people
@require_safe
def drives(request: HttpRequest, slug: str) -> HttpResponse:
    workspace = managed(request, slug)
    found = Drive.objects.visible_to(asker(request)).filter(workspace=workspace)
    shown = list(found)
    for drive in shown:
        drive.workspace = workspace
    return page(request, "files/drives.html", {"workspace": workspace, "drives": shown})


@people
@require_http_methods(["GET", "POST"])
def connect(request: HttpRequest, slug: str) -> HttpResponse:
    workspace = managed(request, slug)
    draft = Draft(request, slug)
    form = BucketForm(request.POST or None, has_key=bool(draft.key))
    context: dict[str, Any] = {"workspace": workspace, "form": form}
    if request.method == "POST" and form.is_valid():
        place = _place(form, draft.key)
        if "test" in request.POST:
            draft.keep(place)
            return _tested(request, workspace, place, context)
        try:
            drive = actions.connect(workspace, place, by=asker(request))
        except Conflict as refusal:
            form.add_error("bucket", spoken(refusal))
        else:
            draft.forget()
            toast(request, _("%(name)s is connected.") % {"name": drive.name})
            return redirect("files_drives", slug=slug)
    return _form_page(request, context)


@people
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, slug: str, drive: str) -> HttpResponse:
    found = connected(request, slug, drive)
    draft = Draft(request, drive)
    form = _edit_form(found, request.POST if request.method == "POST" else None)
    context = _edit_context(found, form)
    if request.method == "POST" and form.is_valid():
        place = _place(form, draft.key or _kept_key(found))
        if "test" in request.POST:
            draft.keep(place)
            return _tested(request, found.workspace, place, context)
        try:
            actions.change(found, place, by=asker(request))
        except Conflict as refusal:
            form.add_error("endpoint", spoken(refusal))
        else:
            draft.forget()
            toast(request, _("%(name)s is saved.") % {"name": found.name})
            return redirect("files_drives", slug=slug)
    return _form_page(request, context)


@people
@require_POST
def check(request: HttpRequest, slug: str, drive: str) -> HttpResponse:
    found = connected(request, slug, drive)
    state = actions.check(found, by=asker(request))
    toast(request, f"{found.name}: {state.label}")
    return redirect("files_drives", slug=slug)


@people
@require_POST
def disconnect(request: HttpRequest, slug: str, drive: str) -> HttpResponse:
    found = connected(request, slug, drive)
    form = ConfirmForm(request.POST)
    typed = form.cleaned_data["typed"] if form.is_valid() else ""
    try:
        actions.disconnect(found, confirmed=typed, by=asker(request))
    except Invalid as refusal:
        form.errors.pop("typed", None)
        form.add_error("typed", spoken(refusal))
        context = _edit_context(found, _edit_form(found, None))
        context |= {"confirm_form": form}
        return _form_page(request, context, status=refusal.status)
    toast(request, _("%(name)s is disconnected.") % {"name": found.name})
    return redirect("files_drives", slug=slug)


def managed(request: HttpRequest, slug: str) -> Workspace:
    workspace = Workspace.objects.visible_to(asker(request)).find(slug=slug)
    permissions.MANAGE_DRIVES.require(asker(request), workspace)
    return workspace


def connected(request: HttpRequest, slug: str, name: str) -> Drive:
    found = drive_named(request, slug, name)
    permissions.MANAGE_DRIVES.require(asker(request), found.workspace)
    if found.is_own:
        raise OwnDriveStays
    return found


def _edit_form(drive: Drive, posted: Mapping[str, Any] | None) -> BucketForm:
    kept = drive.connected
    names = ("endpoint", "region", "is_path_style", "authority", "pays_requests")
    initial = {name: getattr(kept, name) for name in (*names, "role_arn")} | {
        "kind": BucketForm.OTHER if kept.endpoint else BucketForm.AMAZON,
        "bucket": drive.bucket,
        "folder": drive.prefix,
        "access": drive.access,
    }
    form = BucketForm(posted, initial=initial, has_key=True)
    for name in ("bucket", "folder"):
        form.fields[name].disabled = True
    return form


def _edit_context(drive: Drive, form: BucketForm) -> dict[str, Any]:
    return {
        "workspace": drive.workspace,
        "drive": drive,
        "form": form,
        "confirm_form": ConfirmForm(),
    }


def _place(form: BucketForm, kept: Mapping[str, str]) -> Place:
    given = {**form.cleaned_data, "prefix": form.cleaned_data["folder"]}
    if not given["secret_access_key"]:
        given |= kept
    return Place(**{one.name: given[one.name] for one in fields(Place)})


def _kept_key(drive: Drive) -> Mapping[str, str]:
    """Nothing where it cannot be opened any more: it has to be entered again."""
    try:
        return credentials_of(drive.connected)
    except KeyMissing:
        return dict.fromkeys(_KEY, "")


def _tested(
    request: HttpRequest, workspace: Workspace, place: Place, context: dict[str, Any]
) -> HttpResponse:
    found = actions.try_out(workspace, place, by=asker(request))
    told = {"examination": found, "form": context["form"].without_key()}
    return _form_page(request, context | told)


def _form_page(
    request: HttpRequest, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    form = context["form"]
    typed = form.cleaned_data if form.is_bound and form.is_valid() else form.initial
    bucket, folder = typed.get("bucket") or "BUCKET", typed.get("folder") or ""
    access = typed.get("access") or Access.READ
    context |= {"policy": policy_to_paste(bucket, folder, access)}
    return page(request, "files/bucket.html", context, status=status)


class Draft:
    """The key that was typed for a test, so that it need not be typed again to save."""

    def __init__(self, request: HttpRequest, purpose: str) -> None:
        self._session = request.session
        self._purpose = purpose

    @property
    def key(self) -> Mapping[str, str]:
        kept = self._session.get(_DRAFT, {})
        if kept.get("for") != self._purpose:
            return {}
        try:
            found: dict[str, str] = json.loads(
                vault.unseal(kept["sealed"], purpose=_DRAFT)
            )
        except KeyMissing:
            return {}
        return found

    def keep(self, place: AnyPlace) -> None:
        key = json.dumps(place.secret)
        with transaction.atomic():
            sealed = vault.seal(key, purpose=_DRAFT)
        self._session[_DRAFT] = {"for": self._purpose, "sealed": sealed}

    def forget(self) -> None:
        self._session.pop(_DRAFT, None)
