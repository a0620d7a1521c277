"""Where contexts above join the life of a workspace.

`files` and `databases` add a provisioner in `AppConfig.ready()`; `files` says where
the files are that a home page names; `notebooks` listens to changes of membership. Apps
join while they are being loaded, before any model:
types are only named here.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from hexa.accounts.models import User
    from hexa.ui.markdown import Follow
    from hexa.workspaces.models import Workspace


class Provisioner(Protocol):
    """Makes what a workspace needs in the outside world, and takes it away again.

    Both are idempotent; `deprovision` also succeeds when nothing was made.
    """

    def provision(self, workspace: "Workspace") -> None: ...

    def deprovision(self, workspace: "Workspace") -> None: ...


provisioners: list[Provisioner] = []

#: Called in the transaction that changes or ends a person's role: enqueue there.
on_role_changed: "list[Callable[[Workspace, User], None]]" = []

#: For the home page of a workspace, as a person reads it.
followers: "list[Callable[[Workspace, User], Follow]]" = []
