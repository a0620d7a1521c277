"""Files that a text in Markdown names: pages for links, bytes for pictures."""

import posixpath
import re
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.urls import reverse

from hexa.files.models import Drive
from hexa.foundation.actors import Actor
from hexa.workspaces.models import Workspace
from hexakit import Address, NotAnAddress

# `https:`, `mailto:`, `//host`, `/a/page`, `#place`, `?query`: no name in a folder.
_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|[/#?]")
# The workspace's own bucket, as code in notebooks says it.
_MOUNTED = re.compile(r"(?:/home/(?:hexa|jovyan)|~)/workspace/(.+)", re.DOTALL)

Place = tuple[Drive, str]


@dataclass(frozen=True)
class Links:
    """Knows every form of an address, and names relative to the text's own folder.

    Only drives of the workspace; they are asked for once, and only where one is named.
    """

    workspace: Workspace
    by: Actor
    # Where the text itself lies; without it, at the top of the workspace's bucket.
    drive: Drive | None = None
    folder: str = ""

    def __call__(self, target: str, *, is_picture: bool) -> str | None:
        is_web = target.startswith(("https:", "http:"))
        if is_web and not (is_picture and target.startswith(settings.PUBLIC_URL)):
            return None
        place = self._by_address(target) or self._by_name(target)
        if place is None:
            return None
        drive, key = place
        if not is_picture:
            return drive.url_of(key)
        here = [self.workspace.slug, drive.name, key]
        return reverse("files_content", args=here) if key else None

    @cached_property
    def _drives(self) -> list[Drive]:
        """The innermost first."""
        found = Drive.objects.visible_to(self.by).filter(workspace=self.workspace)
        for drive in found:
            drive.workspace = self.workspace
        return sorted(found, key=lambda drive: -len(drive.prefix))

    def _by_address(self, target: str) -> Place | None:
        try:
            address = Address.of(target)
        except NotAnAddress:
            return None
        for drive in self._drives:
            start = drive.address_of("")
            if (start.scheme, start.bucket) == (
                address.scheme,
                address.bucket,
            ) and address.key.startswith(start.key):
                return drive, drive.key_of(address)
        return None

    def _by_name(self, target: str) -> Place | None:
        mounted = _MOUNTED.fullmatch(target)
        if mounted is None and (not target or _ELSEWHERE.match(target)):
            return None
        is_here = mounted is None and self.drive is not None
        drive = self.drive if is_here else self._own
        name = mounted[1] if mounted else self.folder + target.partition("#")[0]
        key = posixpath.normpath(name)
        if drive is None or key.startswith(".."):
            return None
        return drive, f"{key}/" if name.endswith("/") else key

    @cached_property
    def _own(self) -> Drive | None:
        return next((drive for drive in self._drives if drive.is_own), None)
