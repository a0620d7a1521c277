from typing import ClassVar

from hexa.foundation.errors import NotFound


class DriveNotFound(NotFound):
    """There is no such drive in this workspace."""

    code: ClassVar[str] = "DRIVE_NOT_FOUND"
