"""Files on their way in: by an island in parts, or by an ordinary form."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hexa.files import actions, forms
from hexa.files.models import Upload
from hexa.files.views.requests import asker, body_of, cleaned, drive_named
from hexa.foundation.access import people
from hexa.ui.toasts import toast
from hexa.workspaces.models import Workspace


@people
@require_POST
def upload(request: HttpRequest, slug: str, drive: str) -> HttpResponse:
    """An ordinary form, for a browser without JavaScript."""
    found, folder = drive_named(request, slug, drive), request.GET.get("folder", "")
    given = request.FILES.getlist("file")
    for file in given:
        actions.upload(
            found,
            folder=folder,
            name=file.name or "",
            content=file,
            content_type=file.content_type or "",
            by=asker(request),
        )
        toast(request, _("Uploaded %(name)s.") % {"name": file.name})
    return redirect(found.url_of(folder))


@people
@require_POST
def start_upload(request: HttpRequest, slug: str, drive: str) -> JsonResponse:
    given = cleaned(forms.StartForm(body_of(request)))
    begun = actions.start_upload(
        drive_named(request, slug, drive),
        folder=request.GET.get("folder", ""),
        name=given["name"],
        content_type=given["type"],
        by=asker(request),
    )
    size = actions.part_bytes(given["size"])
    return JsonResponse({"upload": str(begun.pk), "part_size": size})


@people
@require_POST
def part_of_upload(request: HttpRequest, slug: str) -> JsonResponse:
    given = cleaned(forms.PartForm(body_of(request)))
    going = _upload(request, slug, given)
    url = actions.link_to_part(going, number=given["number"], by=asker(request))
    return JsonResponse({"url": url})


@people
@require_POST
def complete_upload(request: HttpRequest, slug: str) -> HttpResponse:
    given = cleaned(forms.CompleteForm(body_of(request)))
    going = _upload(request, slug, given)
    actions.complete_upload(going, parts=given["parts"], by=asker(request))
    return HttpResponse(status=204)


@people
@require_POST
def cancel_upload(request: HttpRequest, slug: str) -> HttpResponse:
    given = cleaned(forms.TicketForm(body_of(request)))
    actions.cancel_upload(_upload(request, slug, given), by=asker(request))
    return HttpResponse(status=204)


def _upload(request: HttpRequest, slug: str, given: dict[str, Any]) -> Upload:
    workspace = Workspace.objects.visible_to(asker(request)).find(slug=slug)
    found = (
        Upload.objects.visible_to(asker(request))
        .select_related("drive")
        .find(pk=given["upload"], drive__workspace=workspace)
    )
    found.drive.workspace = workspace
    return found
