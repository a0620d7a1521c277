"""Folders made, files deleted and brought back."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hexa.files import actions, errors, forms
from hexa.files.models import Deletion
from hexa.files.views.browsing import browse_again
from hexa.files.views.requests import asker, cleaned, drive_named
from hexa.foundation.access import people
from hexa.foundation.answers import spoken
from hexa.ui.toasts import toast
from hexa.workspaces.models import Workspace


@people
@require_POST
def make_folder(request: HttpRequest, slug: str, drive: str) -> HttpResponse:
    found, folder = drive_named(request, slug, drive), request.GET.get("folder", "")
    form = forms.FolderForm(request.POST)
    name = form.cleaned_data["name"] if form.is_valid() else ""
    try:
        made = actions.make_folder(found, folder=folder, name=name, by=asker(request))
    except (errors.BadName, errors.NameTaken) as refusal:
        form.add_error("name", spoken(refusal))
        return browse_again(request, found, folder, form=form, status=refusal.status)
    return redirect(found.url_of(made))


@people
@require_POST
def delete(request: HttpRequest, slug: str, drive: str) -> HttpResponse:
    found = drive_named(request, slug, drive)
    path = cleaned(forms.PathForm(request.POST))["path"]
    deletion = actions.delete(found, path=path, by=asker(request))
    trimmed = path.removesuffix("/")
    text = _("Deleted %(name)s.") % {"name": trimmed.rpartition("/")[2]}
    toast(request, text, undo_url=reverse("files_undo", args=[slug, deletion.pk]))
    return redirect(found.url_of(path[: trimmed.rfind("/") + 1]))


@people
@require_POST
def undo(request: HttpRequest, slug: str, deletion_id: str) -> HttpResponse:
    workspace = Workspace.objects.visible_to(asker(request)).find(slug=slug)
    deletion = (
        Deletion.objects.visible_to(asker(request))
        .select_related("drive")
        .find(pk=deletion_id, drive__workspace=workspace)
    )
    deletion.drive.workspace = workspace
    actions.undo(deletion, by=asker(request))
    name = deletion.path.removesuffix("/").rpartition("/")[2]
    toast(request, _("%(name)s is back.") % {"name": name})
    folder = deletion.path[: deletion.path.removesuffix("/").rfind("/") + 1]
    return redirect(deletion.drive.url_of(folder))
