from typing import ClassVar

from hexa.foundation.errors import Conflict, Invalid, NotFound, Outage


class WorkspaceNotFound(NotFound):
    """There is no such workspace, or you are not a member of it."""

    code: ClassVar[str] = "WORKSPACE_NOT_FOUND"


class SlugTaken(Conflict):
    """This address is taken by another workspace."""

    code: ClassVar[str] = "SLUG_TAKEN"


class BadSlug(Invalid):
    """Use 3 to 40 lower-case letters, digits and hyphens, starting with a letter."""

    code: ClassVar[str] = "INVALID_SLUG"


class AlreadyMember(Conflict):
    """This person is a member already. Change their role in the list."""

    code: ClassVar[str] = "ALREADY_EXISTS"


class MembershipNotFound(NotFound):
    """This person is not a member of the workspace."""

    code: ClassVar[str] = "MEMBERSHIP_NOT_FOUND"


class LastWorkspaceAdmin(Conflict):
    """A workspace needs an admin. Make another member admin first."""

    code: ClassVar[str] = "LAST_WORKSPACE_ADMIN"


class HomePageChanged(Conflict):
    """Somebody else saved this page meanwhile. Both texts are below; nothing is lost. Saving puts yours in place of theirs."""

    code: ClassVar[str] = "PAGE_CHANGED"


class ProvisioningFailed(Outage):
    """The workspace could not be created: its storage or database did not answer. Nothing was kept. Try again in a moment."""

    code: ClassVar[str] = "PROVISIONING_FAILED"
