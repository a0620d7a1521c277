from hexa.foundation.errors import Conflict, Outage, Refusal


class Unreadable(Refusal):
    """This file is not what its name says, or is damaged. Download it to look closer."""

    code = "UNREADABLE"
    status = 422


class TooHeavy(Refusal):
    """This needs more memory or time than a preview may take. Open the file in a notebook, or download it."""

    code = "TOO_HEAVY"
    status = 422


class NoSuchColumn(Refusal):
    """The table has no such column, or it cannot be compared with this value."""

    code = "NO_SUCH_COLUMN"
    status = 422


class Cancelled(Conflict):
    """Nobody waits for this any more."""

    code = "CANCELLED"


class ReadersBusy(Outage):
    """Many previews are being made at once. Try again in a moment."""

    code = "READERS_BUSY"
