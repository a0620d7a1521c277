"""Who may do what in a workspace: the whole policy of this context.

A rule is read by templates (`allows`) and required by actions (`require`).
"""

from dataclasses import dataclass

from hexa.foundation.actors import Actor, System
from hexa.foundation.errors import PermissionDenied
from hexa.workspaces.models import Role, Workspace

VIEWER, EDITOR, ADMIN = Role.VIEWER, Role.EDITOR, Role.ADMIN


@dataclass(frozen=True, slots=True)
class Rule:
    roles: frozenset[str]

    def allows(self, actor: Actor, workspace: Workspace) -> bool:
        if isinstance(actor, System):
            return True
        return workspace.role_of(actor) in self.roles

    def require(self, actor: Actor, workspace: Workspace) -> None:
        if not self.allows(actor, workspace):
            raise PermissionDenied


def allow(*roles: str) -> Rule:
    return Rule(frozenset(roles))


VIEW_WORKSPACE = allow(VIEWER, EDITOR, ADMIN)
VIEW_MEMBERS = allow(VIEWER, EDITOR, ADMIN)
EDIT_HOME_PAGE = allow(EDITOR, ADMIN)
EDIT_SETTINGS = allow(ADMIN)
MANAGE_MEMBERS = allow(ADMIN)
