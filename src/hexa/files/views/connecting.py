"""Buckets that a team has somewhere: connected to a workspace, changed and let go.

One way for all; `_KINDS` names what differs by who keeps the bucket.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hexa.files import actions
from hexa.files.forms import BucketForm, ConfirmForm, GoogleForm, TeamBucketForm
from hexa.files.models import Access, Drive, Provider
from hexa.files.queries.examining import policy_to_paste
from hexa.files.queries.google import GooglePlace, commands_to_paste, cors_to_paste
from hexa.files.queries.store import AnyPlace, credentials_of
from hexa.files.views.drives import connected, managed
from hexa.files.views.requests import asker
from hexa.foundation import vault
from hexa.foundation.access import people
from hexa.foundation.answers import spoken
from hexa.foundation.errors import Conflict, Invalid
from hexa.foundation.keyring import KeyMissing
from hexa.ui.pages import page
from hexa.ui.toasts import toast

# Between a test and saving, the key waits in the person's session, sealed.
_DRAFT = "files.bucket.draft"


@dataclass(frozen=True, slots=True)
class _Kind:
    """`known` is what the form shows of a drive; `advice` what its owner may paste."""

    form: type[TeamBucketForm]
    template: str
    known: Callable[[Drive], dict[str, Any]]
    advice: Callable[[Mapping[str, Any], AnyPlace | None], dict[str, str]]


@people
@require_http_methods(["GET", "POST"])
def connect(
    request: HttpRequest, slug: str, provider: str = Provider.S3
) -> HttpResponse:
    workspace = managed(request, slug)
    draft = Draft(request, f"{slug} {provider}")
    form = _KINDS[provider].form(*_posted(request), has_key=bool(draft.key))
    shown = _Shown(request, provider, {"workspace": workspace, "form": form})

    def save(place: AnyPlace) -> str:
        drive = actions.connect(workspace, place, by=asker(request))
        return _("%(name)s is connected.") % {"name": drive.name}

    return shown.answer(draft, save=save)


@people
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, slug: str, drive: str) -> HttpResponse:
    found = connected(request, slug, drive)
    draft = Draft(request, f"{slug} {drive}")
    form = _form_of(found, *_posted(request))
    shown = _Shown(request, found.provider, _about(found, form))

    def save(place: AnyPlace) -> str:
        actions.change(found, place, by=asker(request))
        return _("%(name)s is saved.") % {"name": found.name}

    return shown.answer(draft, save=save)


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
        about = _about(found, _form_of(found)) | {"confirm_form": form}
        return _Shown(request, found.provider, about).page(status=refusal.status)
    toast(request, _("%(name)s is disconnected.") % {"name": found.name})
    return redirect("files_drives", slug=slug)


def _posted(request: HttpRequest) -> tuple[Any, ...]:
    return (request.POST, request.FILES) if request.method == "POST" else ()


def _form_of(drive: Drive, *posted: Any) -> TeamBucketForm:
    kind = _KINDS[drive.provider]
    initial = {"bucket": drive.bucket, "folder": drive.prefix, "access": drive.access}
    initial |= kind.known(drive)
    return kind.form(*posted, initial=initial, has_key=True, is_known=True)


def _about(drive: Drive, form: TeamBucketForm) -> dict[str, Any]:
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
        return {}


def _known_of_s3(drive: Drive) -> dict[str, Any]:
    kept = drive.connected
    names = ("endpoint", "region", "is_path_style", "authority", "pays_requests")
    known = {name: getattr(kept, name) for name in (*names, "role_arn")}
    return known | {"kind": BucketForm.OTHER if kept.endpoint else BucketForm.AMAZON}


def _known_of_google(drive: Drive) -> dict[str, Any]:
    return {"user_project": _kept(drive).get("user_project", "")}


def _advice_on_s3(typed: Mapping[str, Any], place: AnyPlace | None) -> dict[str, str]:
    bucket, folder = typed.get("bucket") or "BUCKET", typed.get("folder") or ""
    access = typed.get("access") or Access.READ
    return {"policy": policy_to_paste(bucket, folder, access)}


def _advice_on_google(
    typed: Mapping[str, Any], place: AnyPlace | None
) -> dict[str, str]:
    bucket, folder = typed.get("bucket") or "BUCKET", typed.get("folder") or ""
    is_written = typed.get("access") == Access.WRITE
    tried = place if isinstance(place, GooglePlace) else None
    return {
        "commands": commands_to_paste(bucket, folder, tried, is_written=is_written),
        "cors": cors_to_paste() if is_written else "",
        "cors_command": (
            f"gcloud storage buckets update gs://{bucket} --cors-file=cors.json"
        ),
    }


_KINDS: dict[str, _Kind] = {
    Provider.S3: _Kind(BucketForm, "files/bucket_s3.html", _known_of_s3, _advice_on_s3),
    Provider.GCS: _Kind(
        GoogleForm, "files/bucket_google.html", _known_of_google, _advice_on_google
    ),
}


@dataclass(frozen=True, slots=True)
class _Shown:
    """The page of the form."""

    request: HttpRequest
    provider: str
    context: dict[str, Any]

    def answer(
        self, draft: "Draft", *, save: Callable[[AnyPlace], str]
    ) -> HttpResponse:
        """What was typed is tried out or saved, as was asked; else the form again.

        `save` says what it did.
        """
        form, drive = self.context["form"], self.context.get("drive")
        if not form.is_valid():  # or nothing was sent
            return self.page()
        place = form.place(draft.key or (_kept(drive) if drive else {}))
        if "test" in self.request.POST:
            return self._tested(place, draft)
        try:
            told = save(place)
        except (Conflict, Invalid) as refusal:
            form.refuse(refusal)
            return self.page()
        draft.forget()
        toast(self.request, told)
        return redirect("files_drives", slug=self.context["workspace"].slug)

    def page(self, *, place: AnyPlace | None = None, status: int = 200) -> HttpResponse:
        kind, form = _KINDS[self.provider], self.context["form"]
        is_typed = form.is_bound and form.is_valid()
        typed = form.cleaned_data if is_typed else form.initial
        context = self.context | kind.advice(typed, place)
        context |= {f"is_{one}": one == self.provider for one in _KINDS}
        return page(self.request, kind.template, context, status=status)

    def _tested(self, place: AnyPlace, draft: "Draft") -> HttpResponse:
        draft.keep(place)
        workspace = self.context["workspace"]
        found = actions.try_out(workspace, place, by=asker(self.request))
        self.context.update(examination=found, form=self.context["form"].without_key())
        return self.page(place=place)


class Draft:
    """The key that was typed for a test, so that it need not be typed again to save."""

    def __init__(self, request: HttpRequest, purpose: str) -> None:
        self._session = request.session
        self._purpose = purpose
        if request.method == "GET":  # begun anew
            self.forget()

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
