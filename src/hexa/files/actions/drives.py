"""A workspace's own bucket, and what the platform itself puts there."""

from hexa.files import permissions
from hexa.files.models import Drive
from hexa.files.queries import own_store
from hexa.foundation.actors import Actor
from hexa.workspaces.models import Workspace


class BucketProvisioner:
    """Every workspace has a bucket of its own, named by its slug."""

    def provision(self, workspace: Workspace) -> None:
        own_store().create_bucket(workspace.slug)
        Drive.objects.create(workspace=workspace, bucket=workspace.slug, is_own=True)

    def deprovision(self, workspace: Workspace) -> None:
        own = Drive.objects.filter(workspace=workspace, is_own=True)
        # Only a bucket this workspace made: one of the same name may be older.
        if own.exists():
            own_store().delete_bucket(workspace.slug)
            own.delete()


def own_drive(workspace: Workspace) -> Drive:
    return Drive.objects.get(workspace=workspace, is_own=True)


def put(workspace: Workspace, key: str, content: bytes, *, by: Actor) -> None:
    """Write a small object into the workspace's own bucket."""
    permissions.WRITE_FILES.require(by, workspace)
    own_store().put(own_drive(workspace).bucket, key, content)
