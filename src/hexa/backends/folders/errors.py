"""Why a bucket is not a folder."""

from typing import ClassVar

from hexa.foundation import errors


class FoldersUnreachable(errors.Outage):
    """Buckets cannot be shown as folders at the moment."""

    code: ClassVar[str] = "FOLDERS_UNREACHABLE"


class FuseMissing(errors.Conflict):
    """This machine cannot show buckets as folders: %(reason)s."""

    code: ClassVar[str] = "FUSE_MISSING"


class MountFailed(errors.Outage):
    """The bucket %(bucket)s cannot be shown as a folder: %(reason)s."""

    code: ClassVar[str] = "MOUNT_FAILED"
