"""What a request names: who asks, which drive, what was sent."""

import json
from typing import Any

from django.forms import Form
from django.http import HttpRequest

from hexa.accounts.models import User
from hexa.files import errors
from hexa.files.models import Drive
from hexa.workspaces.models import Workspace


def asker(request: HttpRequest) -> User:
    assert isinstance(request.user, User), "@people lets nobody else in"
    return request.user


def drive_named(request: HttpRequest, slug: str, name: str) -> Drive:
    workspace = Workspace.objects.visible_to(asker(request)).find(slug=slug)
    found = (
        Drive.objects.visible_to(asker(request)).named(name).find(workspace=workspace)
    )
    found.workspace = workspace
    return found


def body_of(request: HttpRequest) -> dict[str, Any]:
    """The JSON that an island sends."""
    try:
        body = json.loads(request.body)
    except ValueError:
        raise errors.BadUpload from None
    if not isinstance(body, dict):
        raise errors.BadUpload
    return body


def cleaned(form: Form) -> dict[str, Any]:
    if not form.is_valid():
        raise errors.BadUpload
    return form.cleaned_data
