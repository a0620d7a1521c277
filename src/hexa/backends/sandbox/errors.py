"""What the keeper answers when it does not do what it is asked."""

from typing import ClassVar

from hexa.foundation import errors


class BadRequest(errors.Invalid):
    """The keeper of sandboxes does not do that: %(reason)s."""

    code: ClassVar[str] = "BAD_SANDBOX_REQUEST"


class AlreadyRunning(errors.Conflict):
    """The sandbox %(id)s is running already."""

    code: ClassVar[str] = "SANDBOX_ALREADY_RUNNING"


class KeeperUnreachable(errors.Outage):
    """Nothing can be started at the moment: the keeper of sandboxes does not answer."""

    code: ClassVar[str] = "KEEPER_UNREACHABLE"


class StartFailed(errors.Outage):
    """The sandbox did not start: %(reason)s."""

    code: ClassVar[str] = "SANDBOX_START_FAILED"
