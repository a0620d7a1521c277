import psycopg
import pytest
from django.conf import settings
from pytest_django import Settings

from hexa.accounts.models import User
from hexa.databases.models import name_for
from hexa.foundation.models import AuditEvent
from hexa.workspaces import actions, errors, hooks
from hexa.workspaces.models import Role, Workspace
from tests.conftest import SignedIn
from tests.makers import make_person, make_workspace, membership_of

pytestmark = pytest.mark.django_db


def databases() -> set[str]:
    with psycopg.connect(settings.DATABASE_DSN) as connection:
        return {row[0] for row in connection.execute("SELECT datname FROM pg_database")}


def test_the_creator_becomes_admin_and_the_database_exists() -> None:
    ana = make_person()
    workspace = make_workspace(by=ana)
    assert membership_of(ana, workspace).role == Role.ADMIN
    assert name_for(workspace) in databases()
    assert AuditEvent.objects.filter(
        action="workspace.created", workspace=workspace.slug
    ).exists()


def test_whoever_has_just_set_the_platform_up_waits_for_the_demo(
    signed_in: SignedIn, settings: Settings
) -> None:
    settings.DEMO = True
    ana = make_person(is_admin=True)
    assert "Demo workspace is being made" in signed_in(ana).get("/").content.decode()
    ben = make_person()
    assert "No workspace yet" in signed_in(ben).get("/").content.decode()
    settings.DEMO = False
    assert "No workspace yet" in signed_in(ana).get("/").content.decode()


@pytest.mark.parametrize(
    "slug", ["", "ab", "Upper", "1abc", "a--b", "a_b", "é" * 4, "a" * 41]
)
def test_a_slug_that_could_not_name_a_bucket_is_refused(slug: str) -> None:
    with pytest.raises(errors.BadSlug):
        actions.create(name="X", slug=slug, by=make_person())


@pytest.mark.parametrize("slug", ["create", None])
def test_a_taken_slug_is_refused(slug: str | None) -> None:
    taken = slug or make_workspace().slug
    with pytest.raises(errors.SlugTaken):
        actions.create(name="X", slug=taken, by=make_person())


class Failing:
    def provision(self, workspace: Workspace) -> None:
        raise ConnectionError(workspace.slug)

    def deprovision(self, workspace: Workspace) -> None:
        pass


def test_nothing_is_kept_when_one_part_fails() -> None:
    ana = make_person()
    hooks.provisioners.append(Failing())
    try:
        with pytest.raises(errors.ProvisioningFailed):
            actions.create(name="X", slug="half-made", by=ana)
    finally:
        hooks.provisioners.pop()
    assert not Workspace.objects.visible_to(ana).exists()
    assert "ws_half_made" not in databases()
    assert actions.create(name="X", slug="half-made", by=ana).is_ready


def test_a_stranger_does_not_see_it() -> None:
    workspace = make_workspace()
    stranger: User = make_person()
    with pytest.raises(errors.WorkspaceNotFound):
        Workspace.objects.visible_to(stranger).find(slug=workspace.slug)
