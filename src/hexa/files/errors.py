from hexa.foundation.errors import Conflict, Invalid, NotFound


class DriveNotFound(NotFound):
    """There is no such drive in this workspace."""

    code = "DRIVE_NOT_FOUND"


class UploadGone(NotFound):
    """This upload is over. Start it again."""

    code = "UPLOAD_NOT_FOUND"


class ChangeGone(NotFound):
    """This cannot be undone any more: it was undone already, or nothing was kept of it."""

    code = "CHANGE_NOT_FOUND"


class BadName(Invalid):
    """“%(name)s” cannot be the name of a file or folder. Leave out \\, leading and double slashes, line breaks and the names “.” and “..”."""

    code = "BAD_NAME"


class BadUpload(Invalid):
    """This upload was not understood. Reload the page and try again."""

    code = "BAD_UPLOAD"


class NoGoogleDrive(NotFound):
    """No bucket at Google is connected to this workspace, or you may not reach it."""

    code = "NO_GOOGLE_DRIVE"


class StoreFull(Conflict):
    """The storage has no room for this: %(size)s are to come, %(room)s are free. What has arrived is kept. Make room, or ask who runs the platform to."""

    code = "STORE_FULL"


class TooLarge(Invalid):
    """A file may have up to 5 TB."""

    code = "TOO_LARGE"


class CannotKeepBoth(Conflict):
    """This bucket keeps no versions, so both cannot be kept here. Give your file another name and send it again."""

    code = "CANNOT_KEEP_BOTH"


class NotTheFile(Conflict):
    """This is not the file whose upload was begun: that one has %(size)s. Choose it, or discard the upload."""

    code = "NOT_THE_FILE"


class ReadOnlyDrive(Conflict):
    """This drive can only be read."""

    code = "READ_ONLY_DRIVE"


class NameTaken(Conflict):
    """There is already a folder named “%(name)s” here."""

    code = "NAME_TAKEN"


class TargetTaken(Conflict):
    """%(names)s: there already. Keep both, replace, or cancel."""

    code = "TARGET_TAKEN"


class IntoItself(Conflict):
    """A folder cannot go into itself."""

    code = "INTO_ITSELF"


class ThereAlready(Conflict):
    """“%(name)s” is in this folder already."""

    code = "THERE_ALREADY"


class NoWayBack(Conflict):
    """This bucket keeps no versions: what is deleted or replaced in it is gone for good."""

    code = "NO_WAY_BACK"


class TooMuchForZip(Conflict):
    """These are more than %(most)s files. Download fewer at a time, or fetch them in a notebook."""

    code = "TOO_MUCH_FOR_ZIP"


class NothingChosen(Invalid):
    """Nothing is chosen. Tick the files or folders first."""

    code = "NOTHING_CHOSEN"


class SeveralChosen(Invalid):
    """Only one file or folder is renamed at a time. Tick that one alone."""

    code = "SEVERAL_CHOSEN"


class BadPlace(Invalid):
    """“%(text)s” is not the address of a folder. Addresses look like s3://bucket/folder/."""

    code = "BAD_PLACE"


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
    """To sort or filter a CSV or JSON lines, the whole file is read, which is done up to 64 MB. Keep it as Parquet: that has no such limit."""

    code = "TOO_LARGE_TO_ORDER"


class TooLargeToShow(Conflict):
    """This file is too large to be shown here. Download it; notebooks read it by its address."""

    code = "TOO_LARGE_TO_SHOW"
