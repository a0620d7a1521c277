from typing import ClassVar

from hexa.foundation.errors import Conflict, Invalid, NotFound


class PersonNotFound(NotFound):
    """There is no active person with this e-mail address."""

    code: ClassVar[str] = "USER_NOT_FOUND"


class EmailTaken(Conflict):
    """A person with this e-mail address exists already."""

    code: ClassVar[str] = "EMAIL_TAKEN"


class WeakPassword(Invalid):
    """Choose a longer, less common password."""

    code: ClassVar[str] = "WEAK_PASSWORD"


class BadEmail(Invalid):
    """This is not an e-mail address."""

    code: ClassVar[str] = "INVALID_EMAIL"


class SetupLinkSpent(NotFound):
    """This set-up link was used already or has expired. Restart the platform for a new one."""

    code: ClassVar[str] = "SETUP_LINK_SPENT"


class LastAdmin(Conflict):
    """This is the only administrator left. Name another one first."""

    code: ClassVar[str] = "LAST_ADMIN"
