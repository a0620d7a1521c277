from typing import ClassVar

from hexa.foundation.errors import PermissionDenied, Refusal


class NotebooksForEditors(PermissionDenied):
    """Notebooks are open to editors and admins. Ask an admin of the workspace for that role."""

    code: ClassVar[str] = "NOTEBOOKS_FOR_EDITORS"


class SessionOver(Refusal):
    """This notebook session has ended. Open notebooks again from the workspace."""

    code: ClassVar[str] = "SESSION_OVER"
    status: ClassVar[int] = 401


class AccessEnded(PermissionDenied):
    """You are no longer a member of this workspace."""

    code: ClassVar[str] = "ACCESS_ENDED"
