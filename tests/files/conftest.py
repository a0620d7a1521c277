from collections.abc import Iterator

import pytest
from django.test import Client

from hexa.backends.storage.store import ObjectStore
from hexa.files.models import Drive
from hexa.files.queries.store import own_store as the_store
from hexa.workspaces.models import Role, Workspace
from tests.conftest import SignedIn
from tests.makers import TESTS, make_member, make_workspace


@pytest.fixture
def workspace(db: None) -> Iterator[Workspace]:  # noqa: ARG001 # asked for its effect
    made = make_workspace()
    yield made
    the_store().delete_bucket(made.slug)


@pytest.fixture
def drive(workspace: Workspace) -> Drive:
    found = Drive.objects.visible_to(TESTS).get(workspace=workspace, is_own=True)
    found.workspace = workspace
    return found


@pytest.fixture
def objects(store: None) -> ObjectStore:  # noqa: ARG001 # asked for its effect
    return the_store()


@pytest.fixture
def files(workspace: Workspace) -> str:
    """Where the verbs of its files begin."""
    return f"/workspaces/{workspace.slug}/files"


@pytest.fixture
def editor(workspace: Workspace, signed_in: SignedIn) -> Client:
    return signed_in(make_member(workspace, role=Role.EDITOR))
