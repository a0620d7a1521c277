"""Files on their way in: by an island, or by an ordinary form."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hexa.files import actions, forms
from hexa.files.models import Drive, Upload
from hexa.files.views.requests import asker, body_of, cleaned, drive_named
from hexa.foundation.access import people
from hexa.foundation.answers import spoken
from hexa.ui.toasts import toast
from hexa.workspaces.models import Workspace


@people
@require_POST
def upload(request: HttpRequest, slug: str, drive: str) -> HttpResponse:
    """An ordinary form, for a browser without JavaScript."""
    found, folder = drive_named(request, slug, drive), request.GET.get("folder", "")
    may_replace = request.POST.get("if_taken") == "replace"
    for file in request.FILES.getlist("file"):
        key = actions.upload(
            found,
            folder=folder,
            name=file.name or "",
            content=file,
            content_type=file.content_type or "",
            may_replace=may_replace,
            confirmed=request.POST.get("confirm", ""),
            by=asker(request),
        )
        stored = key.rpartition("/")[2]
        toast(request, _told_of(file.name or "", stored, may_replace=may_replace))
    return redirect(found.url_of(folder))


def _told_of(name: str, stored: str, *, may_replace: bool) -> str:
    if may_replace and stored != name.rpartition("/")[2]:
        return _(
            "“%(name)s” was not replaced: this bucket keeps no versions, so it would be"
            " gone for good. Yours is beside it, as “%(stored)s”. To replace it, type its"
            " name in the form."
        ) % {"name": name, "stored": stored}
    return _("Uploaded %(name)s.") % {"name": stored}


@people
@require_POST
def check(request: HttpRequest, slug: str, drive: str) -> JsonResponse:
    """Which of these names cannot be, before anything is sent."""
    given = cleaned(forms.CheckForm(body_of(request)))
    refused = actions.refused_names(
        drive_named(request, slug, drive),
        folder=request.GET.get("folder", ""),
        names=given["names"],
        total_bytes=given["total"],
        by=asker(request),
    )
    messages = {name: spoken(refusal) for name, refusal in refused.items()}
    return JsonResponse({"refused": messages})


@people
@require_POST
def offer(request: HttpRequest, slug: str, drive: str) -> JsonResponse:
    """How each file is to be sent; one answer for each, in their order."""
    found = drive_named(request, slug, drive)
    offers = actions.offer(
        found,
        folder=request.GET.get("folder", ""),
        wishes=cleaned(forms.OfferForm(body_of(request)))["wishes"],
        by=asker(request),
    )
    return JsonResponse({"files": [_answer(request, found, one) for one in offers]})


@people
@require_POST
def resume(request: HttpRequest, slug: str) -> JsonResponse:
    given = cleaned(forms.ResumeForm(body_of(request)))
    going = _upload(request, slug, given)
    resumed = actions.resume(going, size_bytes=given["size"], by=asker(request))
    return JsonResponse(_answer(request, going.drive, resumed))


@people
@require_POST
def stored(request: HttpRequest, slug: str, drive: str) -> JsonResponse:
    """Of files that went whole: how large they are in the store."""
    found = actions.note_stored(
        drive_named(request, slug, drive),
        keys=cleaned(forms.StoredForm(body_of(request)))["keys"],
        by=asker(request),
    )
    return JsonResponse({"sizes": {one.key: one.size_bytes for one in found}})


@people
@require_POST
def part_of_upload(request: HttpRequest, slug: str) -> JsonResponse:
    given = cleaned(forms.PartForm(body_of(request)))
    going = _upload(request, slug, given)
    numbers = [given["number"], *given["ahead"]]
    sent = given["sent"] or 0
    urls = actions.links_to_parts(
        going, numbers=numbers, sent_bytes=sent, by=asker(request)
    )
    links = [
        _link_to_part(going, number, url, sent)
        for number, url in zip(numbers, urls, strict=True)
    ]
    return JsonResponse({**links[0], "ahead": links[1:]})


@people
@require_POST
def complete_upload(request: HttpRequest, slug: str) -> JsonResponse:
    given = cleaned(forms.CompleteForm(body_of(request)))
    going = _upload(request, slug, given)
    done = actions.complete_upload(
        going,
        parts=given["parts"],
        replaces=given["replaces"],
        confirmed=given["confirmed"],
        is_beside=given["beside"],
        by=asker(request),
    )
    if isinstance(done, actions.Taken):
        return JsonResponse(_answer(request, going.drive, done))
    return JsonResponse({"how": "done", "key": done.key, "size": done.size_bytes})


@people
@require_POST
def cancel_upload(request: HttpRequest, slug: str) -> HttpResponse:
    given = cleaned(forms.TicketForm(body_of(request)))
    actions.cancel_upload(_upload(request, slug, given), by=asker(request))
    return HttpResponse(status=204)


@people
@require_POST
def discard_upload(request: HttpRequest, slug: str) -> HttpResponse:
    """The same, by a form."""
    going = _upload(request, slug, cleaned(forms.TicketForm(request.POST)))
    actions.cancel_upload(going, by=asker(request))
    toast(request, _("Discarded what had arrived of %(name)s.") % {"name": going.name})
    return redirect(going.drive.url_of(going.folder))


# --- Through the platform: `site.through` asks, whether and where to, before it takes a
# byte. Nobody else is answered, since the links are of the inside.


@people
@require_http_methods(["PUT"])
def through_part(request: HttpRequest, slug: str) -> HttpResponse:
    given = cleaned(forms.PartForm(request.GET))
    going = _upload(request, slug, given)
    (url,) = actions.links_to_parts(
        going,
        numbers=[given["number"]],
        sent_bytes=given["sent"] or 0,
        by=asker(request),
        is_inside=True,
    )
    return _inside(request, going.drive, url)


@people
@require_http_methods(["PUT"])
def through_file(request: HttpRequest, slug: str, drive: str) -> HttpResponse:
    given = cleaned(forms.ThroughFileForm(request.GET))
    found = drive_named(request, slug, drive)
    url = actions.link_to_file(
        found,
        key=given["key"],
        replaces=given["replaces"],
        by=asker(request),
        is_inside=True,
    )
    return _inside(request, found, url)


def _inside(request: HttpRequest, drive: Drive, url: str) -> HttpResponse:
    if not getattr(request, "scope", {}).get("hexa.through"):
        return HttpResponse(status=204)
    authority = "" if drive.is_own else drive.connected.authority
    return JsonResponse({"url": url, "own": drive.is_own, "authority": authority})


def _link_to_part(going: Upload, number: int, url: str, sent: int) -> dict[str, Any]:
    path = reverse("files_through_part", args=[going.drive.workspace.slug])
    named = urlencode({"upload": going.pk, "number": number, "sent": sent})
    return {"url": url, "through": f"{path}?{named}", "headers": {}}


def _answer(
    request: HttpRequest, drive: Drive, offered: actions.Offer
) -> dict[str, Any]:
    """As `islands/upload/protocol.ts` reads it."""
    match offered:
        case actions.Refused(refusal):
            return {"how": "refused", "message": spoken(refusal)}
        case actions.Taken(there, is_kept, has_room_beside):
            return {
                "how": "taken",
                "key": there.key,
                "size": there.size_bytes,
                "modified": there.modified_at.isoformat(),
                "etag": there.etag,
                "part_size": actions.part_bytes(there.size_bytes),
                "kept": is_kept,
                "beside": has_room_beside,
            }
        case actions.Whole(key, url, headers, replaces):
            here = [drive.workspace.slug, drive.name]
            named = urlencode({"key": key, "replaces": replaces})
            through = reverse("files_through_file", args=here) + f"?{named}"
            return {
                "how": "whole",
                "key": key,
                "url": url,
                "through": through,
                "headers": dict(headers),
            }
        case actions.Parted(upload, parts):
            first = actions.first_links(offered, by=asker(request))
            return {
                "how": "parts",
                "upload": str(upload.pk),
                "key": upload.key,
                "part_size": upload.part_bytes,
                "stored": [[one.number, one.etag, one.size_bytes] for one in parts],
                "first": [
                    [number, _link_to_part(upload, number, url, upload.sent_bytes)]
                    for number, url in first.items()
                ],
            }


def _upload(request: HttpRequest, slug: str, given: dict[str, Any]) -> Upload:
    workspace = Workspace.objects.visible_to(asker(request)).find(slug=slug)
    found = (
        Upload.objects.visible_to(asker(request))
        .select_related("drive")
        .find(pk=given["upload"], drive__workspace=workspace)
    )
    found.drive.workspace = workspace
    return found
