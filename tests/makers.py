"""Makers call actions, so that every fixture is a state people can reach."""

import itertools
import secrets

from hexa.accounts import actions as accounts
from hexa.accounts.models import User
from hexa.foundation.actors import System
from hexa.workspaces import actions as workspaces
from hexa.workspaces.models import Membership, Role, Workspace

PASSWORD = "correct horse battery"
TESTS = System("tests")
_numbers = itertools.count(1)


def make_person(
    *, name: str = "Ana Sow", is_admin: bool = False, language: str = "en"
) -> User:
    return accounts.create_person(
        email=f"person-{next(_numbers)}@example.org",
        name=name,
        password=PASSWORD,
        is_admin=is_admin,
        language=language,
        by=TESTS,
    )


def make_workspace(*, by: User | None = None, name: str = "Malaria team") -> Workspace:
    """With its bucket and database; the slug is unlike any other run's."""
    return workspaces.create(
        name=name,
        slug=f"w-{secrets.token_hex(6)}",
        countries=["TG"],
        by=by or make_person(),
    )


def make_member(workspace: Workspace, *, role: str = Role.EDITOR) -> User:
    person = make_person(name=f"{role.title()} {next(_numbers)}")
    workspaces.add_member(workspace, person=person, role=role, by=TESTS)
    return person


def membership_of(person: User, workspace: Workspace) -> Membership:
    return Membership.objects.visible_to(TESTS).get(user=person, workspace=workspace)
