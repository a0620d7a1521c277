from typing import ClassVar

from hexa.foundation.errors import NotFound, PermissionDenied


class NotebooksForEditors(PermissionDenied):
    """Notebooks are open to editors and admins. Ask an admin of the workspace for that role."""

    code: ClassVar[str] = "NOTEBOOKS_FOR_EDITORS"


class SessionOver(NotFound):
    """This notebook session has ended. Open notebooks again from the workspace."""

    code: ClassVar[str] = "SESSION_OVER"


class AccessEnded(PermissionDenied):
    """You are no longer a member of this workspace."""

    code: ClassVar[str] = "ACCESS_ENDED"


class OutsideTheDrives(PermissionDenied):
    """This address is not in a drive of the workspace, or may only be read."""

    code: ClassVar[str] = "OUTSIDE_THE_DRIVES"
