from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from hexa.accounts import hooks as people
from hexa.foundation import queue
from hexa.ui import navigation
from hexa.ui.icons import Icon
from hexa.workspaces import hooks as workspaces

if TYPE_CHECKING:
    from hexa.accounts.models import User
    from hexa.workspaces.models import Workspace


class NotebooksConfig(AppConfig):
    name = "hexa.notebooks"
    label = "notebooks"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models can be imported only once every app is loaded.
        from hexa.notebooks import queries  # noqa: PLC0415

        def running(
            request: HttpRequest, place: navigation.Place | None
        ) -> navigation.Mark | None:
            if place and queries.is_running(request.user, place.slug):
                return navigation.Mark(_("Your notebook server runs"))
            return None

        workspaces.on_role_changed.append(_role_changed)
        people.on_deactivated.append(_deactivated)
        people.on_first_admin.append(_first_admin)
        navigation.register(
            navigation.Entry(
                _("Notebooks"),
                Icon("notebook"),
                "notebooks",
                order=30,
                key="n",
                mark=running,
            )
        )


def _role_changed(workspace: "Workspace", person: "User") -> None:
    queue.defer(
        "notebooks.role_changed",
        workspace_id=str(workspace.pk),
        person_id=str(person.pk),
    )


def _deactivated(person: "User") -> None:
    queue.defer("notebooks.person_deactivated", person_id=str(person.pk))


def _first_admin(person: "User") -> None:
    if settings.DEMO:
        queue.defer("notebooks.seed_demo", person_id=str(person.pk))
