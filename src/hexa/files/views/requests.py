"""What a request names: who asks, which drive, what was sent, what the page shows."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.forms import Form
from django.http import HttpRequest, QueryDict

from hexa.accounts.models import User
from hexa.files import errors
from hexa.files.models import Change, Drive
from hexa.workspaces.models import Workspace
from hexakit import Address, NotAnAddress

# What of a listing stands in its URL, beside the folder.
_STATE = ("sort", "after", "before", "hidden")


@dataclass(frozen=True, slots=True)
class Shown:
    """What of a drive the page shows; all of it stands in its URL."""

    drive: Drive
    folder: str
    state: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, drive: Drive, folder: str, query: QueryDict) -> "Shown":
        state = {name: str(query[name]) for name in _STATE if query.get(name)}
        return cls(drive, folder, state)

    @classmethod
    def before(cls, request: HttpRequest, drive: Drive) -> "Shown":
        """The page that a verb was called from: verbs carry it in their query."""
        return cls.of(drive, request.GET.get("folder", ""), request.GET)

    @property
    def has_hidden(self) -> bool:
        return "hidden" in self.state

    @property
    def url(self) -> str:
        return self.url_of(self.folder, self.state)

    @property
    def query(self) -> str:
        """For the URL of a verb."""
        return "?" + urlencode({"folder": self.folder, **self.state})

    def with_hidden(self, has_hidden: bool) -> "Shown":  # noqa: FBT001 # its one argument
        return replace(self, state={"hidden": "1"} if has_hidden else {})

    def url_of(self, key: str, state: Mapping[str, str]) -> str:
        """Of another page; hidden files are shown there as here."""
        hidden = {"hidden": "1"} if self.has_hidden else {}
        query = urlencode({**state, **hidden})
        return self.drive.url_of(key) + (f"?{query}" if query else "")


def asker(request: HttpRequest) -> User:
    assert isinstance(request.user, User), "@people lets nobody else in"
    return request.user


def drive_named(request: HttpRequest, slug: str, name: str) -> Drive:
    found = (
        Drive.objects.visible_to(asker(request))
        .named(name)
        .select_related("workspace")
        .find(workspace__slug=slug)
    )
    found.workspace.remember_role(found.role, of=asker(request))
    return found


def folder_at(request: HttpRequest, slug: str, text: str) -> tuple[Drive, str]:
    """By any form of its address. Raises BadPlace or DriveNotFound."""
    try:
        address = Address.of(text.strip())
    except NotAnAddress:
        raise errors.BadPlace(text=text) from None
    workspace = Workspace.objects.visible_to(asker(request)).find(slug=slug)
    drives = Drive.objects.visible_to(asker(request)).holding(address)
    drive = drives.filter(workspace=workspace).first()
    if drive is None:
        raise errors.DriveNotFound
    drive.workspace = workspace
    key = drive.key_of(address)
    return drive, key and key.removesuffix("/") + "/"


def change_named(request: HttpRequest, slug: str, change_id: str) -> Change:
    workspace = Workspace.objects.visible_to(asker(request)).find(slug=slug)
    found = (
        Change.objects.visible_to(asker(request))
        .select_related("drive__connected", "target_drive__connected", "undoes")
        .find(pk=change_id, drive__workspace=workspace)
    )
    for drive in (found.drive, found.target_drive):
        if drive is not None:
            drive.workspace = workspace
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
