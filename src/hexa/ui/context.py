from functools import cached_property

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language_info

from hexa.ui import navigation, preferences, toasts


class Frame:
    """What `ui/base.html` shows around a page; each part is found when it is drawn."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @property
    def theme(self) -> str:
        return preferences.theme(self.request)

    @property
    def side(self) -> str:
        return preferences.side(self.request)

    @cached_property
    def places(self) -> navigation.Places:
        return navigation.places(self.request)

    @cached_property
    def links(self) -> list[navigation.Link]:
        here = self.places.here
        return navigation.links(self.request, here) if here else []

    @cached_property
    def account_links(self) -> list[navigation.Link]:
        return navigation.account_links(self.request)

    @cached_property
    def toasts(self) -> list[toasts.Toast]:
        return toasts.pending(self.request)

    @property
    def languages(self) -> list[tuple[str, str]]:
        """Code and own name of each language, such as ("fr", "français")."""
        return [
            (code, get_language_info(code)["name_local"])
            for code, _ in settings.LANGUAGES
        ]


def frame(request: HttpRequest) -> dict[str, Frame]:
    """Context processor: `frame` in every template drawn for a request."""
    return {"frame": Frame(request)}
