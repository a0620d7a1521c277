from hexa.foundation.errors import Conflict, Invalid, NotFound


class DriveNotFound(NotFound):
    """There is no such drive in this workspace."""

    code = "DRIVE_NOT_FOUND"


class UploadGone(NotFound):
    """This upload is over. Start it again."""

    code = "UPLOAD_NOT_FOUND"


class DeletionGone(NotFound):
    """This deletion cannot be undone any more."""

    code = "DELETION_NOT_FOUND"


class BadName(Invalid):
    """“%(name)s” cannot be the name of a file or folder. Leave out \\, leading and double slashes, line breaks and the names “.” and “..”."""

    code = "BAD_NAME"


class BadUpload(Invalid):
    """This upload was not understood. Reload the page and try again."""

    code = "BAD_UPLOAD"


class NoGoogleDrive(NotFound):
    """No bucket at Google is connected to this workspace, or you may not reach it."""

    code = "NO_GOOGLE_DRIVE"


class ReadOnlyDrive(Conflict):
    """This drive can only be read."""

    code = "READ_ONLY_DRIVE"


class NameTaken(Conflict):
    """There is already a folder named “%(name)s” here."""

    code = "NAME_TAKEN"


class FolderTooLarge(Conflict):
    """This folder holds more than %(most)s files. Delete its folders one by one, or delete it in a notebook."""

    code = "FOLDER_TOO_LARGE"


class DriveExists(Conflict):
    """This bucket, or this folder of it, is a drive of the workspace already."""

    code = "DRIVE_EXISTS"


class BucketTwice(Conflict):
    """The workspace has another bucket of this name, at another endpoint. One address would mean two files, so both cannot be connected."""

    code = "BUCKET_TWICE"


class OwnDriveStays(Conflict):
    """The workspace's own bucket cannot be disconnected."""

    code = "OWN_DRIVE_STAYS"


class NotConfirmed(Invalid):
    """Type the name of the bucket to disconnect it."""

    code = "NOT_CONFIRMED"


class NotATable(Invalid):
    """There are no rows to show in this file."""

    code = "NOT_A_TABLE"


class NotAMap(Invalid):
    """There are no places to show in this file."""

    code = "NOT_A_MAP"


class NotANotebook(Invalid):
    """This file is not a notebook, or is damaged. Download it to look closer."""

    code = "NOT_A_NOTEBOOK"


class TooLargeToOrder(Conflict):
    """To sort or filter a CSV it is read whole, which is done up to 64 MB. Keep it as Parquet: that has no such limit."""

    code = "TOO_LARGE_TO_ORDER"


class TooLargeToShow(Conflict):
    """This file is too large to be shown here. Open it in a notebook by its address, or download it."""

    code = "TOO_LARGE_TO_SHOW"
