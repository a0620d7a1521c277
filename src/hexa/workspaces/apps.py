from django.apps import AppConfig
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from hexa.ui import navigation
from hexa.ui.icons import Icon


class WorkspacesConfig(AppConfig):
    name = "hexa.workspaces"
    label = "workspaces"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models can be imported only once every app is loaded.
        from hexa.workspaces import queries  # noqa: PLC0415

        def places(request: HttpRequest) -> navigation.Places:
            found = queries.places_of(request.user, here=_slug(request))
            return navigation.Places(
                here=next((p for p in found if p.slug == _slug(request)), None),
                others=[p for p in found if p.slug != _slug(request)],
                new_url=reverse("workspace_create"),
                all_url=reverse("home") + "?all",
            )

        def is_managed(_: HttpRequest, place: navigation.Place | None) -> bool:
            return place is not None and place.is_managed

        entry = navigation.Entry
        navigation.register_places(places)
        navigation.register(
            entry(_("Home"), Icon("house"), "workspace", order=10, key="h")
        )
        navigation.register(
            entry(_("Members"), Icon("users"), "workspace_members", order=80, key="m")
        )
        navigation.register(
            entry(
                _("Settings"),
                Icon("settings"),
                "workspace_settings",
                order=90,
                is_shown=is_managed,
            )
        )


def _slug(request: HttpRequest) -> str:
    """Of the workspace a page stands in; the palette names it as `here`."""
    match = request.resolver_match
    kwargs = match.kwargs if match else {}
    return str(kwargs.get("slug", "")) or request.GET.get("here", "")
