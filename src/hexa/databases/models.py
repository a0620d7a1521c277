from django.db import models

from hexa.workspaces.models import Workspace


class Database(models.Model):
    """A workspace's PostgreSQL database; who enters it is PostgreSQL's business."""

    workspace = models.OneToOneField(
        Workspace, on_delete=models.CASCADE, related_name="database"
    )
    name = models.CharField(max_length=55, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


def name_for(workspace: Workspace) -> str:
    """Hyphens need quotes in SQL; slugs hold no underscore, so this is one to one."""
    return "ws_" + workspace.slug.replace("-", "_")
