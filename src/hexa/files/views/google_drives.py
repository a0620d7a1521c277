"""Buckets at Google, connected to a workspace and changed."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hexa.files import actions
from hexa.files.forms import ConfirmForm, GoogleForm
from hexa.files.models import Access, Drive
from hexa.files.queries.google import GooglePlace, commands_to_paste, cors_to_paste
from hexa.files.queries.store import credentials_of
from hexa.files.views.drives import Draft, connected, managed
from hexa.files.views.requests import asker
from hexa.foundation.access import people
from hexa.foundation.answers import spoken
from hexa.foundation.errors import Conflict, Invalid
from hexa.foundation.keyring import KeyMissing
from hexa.ui.pages import page
from hexa.ui.toasts import toast
from hexa.workspaces.models import Workspace


@people
@require_http_methods(["GET", "POST"])
def connect(request: HttpRequest, slug: str) -> HttpResponse:
    workspace = managed(request, slug)
    draft = Draft(request, f"google {slug}")
    form = GoogleForm(
        request.POST or None, request.FILES or None, has_key=bool(draft.key)
    )
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
        except Invalid as refusal:
            form.add_error("service_account_key", spoken(refusal))
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
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = _edit_form(found, *posted)
    context = _edit_context(found, form)
    if request.method == "POST" and form.is_valid():
        place = _place(form, draft.key or _kept(found))
        if "test" in request.POST:
            draft.keep(place)
            return _tested(request, found.workspace, place, context)
        try:
            actions.change(found, place, by=asker(request))
        except Invalid as refusal:
            form.add_error("service_account_key", spoken(refusal))
        else:
            draft.forget()
            toast(request, _("%(name)s is saved.") % {"name": found.name})
            return redirect("files_drives", slug=slug)
    return _form_page(request, context)


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
        context = _edit_context(found, _edit_form(found)) | {"confirm_form": form}
        return _form_page(request, context, status=refusal.status)
    toast(request, _("%(name)s is disconnected.") % {"name": found.name})
    return redirect("files_drives", slug=slug)


def _edit_form(drive: Drive, *posted: Any) -> GoogleForm:
    initial = {
        "bucket": drive.bucket,
        "folder": drive.prefix,
        "access": drive.access,
        "user_project": _kept(drive).get("user_project", ""),
    }
    form = GoogleForm(*posted, initial=initial, has_key=True)
    for name in ("bucket", "folder"):
        form.fields[name].disabled = True
    return form


def _edit_context(drive: Drive, form: GoogleForm) -> dict[str, Any]:
    return {
        "workspace": drive.workspace,
        "drive": drive,
        "form": form,
        "confirm_form": ConfirmForm(),
    }


def _kept(drive: Drive) -> Mapping[str, str]:
    """Nothing where it cannot be opened any more: it has to be entered again."""
    try:
        return credentials_of(drive.connected)
    except KeyMissing:
        return {"service_account_key": "", "user_project": ""}


def _place(form: GoogleForm, kept: Mapping[str, str]) -> GooglePlace:
    given = form.cleaned_data
    return GooglePlace(
        bucket=given["bucket"],
        prefix=given["folder"],
        access=given["access"],
        user_project=given["user_project"],
        service_account_key=(
            given["service_account_key"] or kept.get("service_account_key", "")
        ),
    )


def _tested(
    request: HttpRequest,
    workspace: Workspace,
    place: GooglePlace,
    context: dict[str, Any],
) -> HttpResponse:
    found = actions.try_out(workspace, place, by=asker(request))
    told = {"examination": found, "form": context["form"].without_key()}
    return _form_page(request, context | told, place=place)


def _form_page(
    request: HttpRequest,
    context: dict[str, Any],
    *,
    place: GooglePlace | None = None,
    status: int = 200,
) -> HttpResponse:
    form = context["form"]
    typed = form.cleaned_data if form.is_bound and form.is_valid() else form.initial
    bucket, folder = typed.get("bucket") or "BUCKET", typed.get("folder") or ""
    is_written = (typed.get("access") or Access.READ) == Access.WRITE
    context |= {
        "commands": commands_to_paste(bucket, folder, place, is_written=is_written),
        "cors": cors_to_paste() if is_written else "",
        "cors_command": (
            f"gcloud storage buckets update gs://{bucket} --cors-file=cors.json"
        ),
    }
    return page(request, "files/google_bucket.html", context, status=status)
