from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

from hexa.accounts import actions
from hexa.accounts.models import Language, User

Next = Callable[[HttpRequest], HttpResponseBase]


class LanguageMiddleware:
    """One language for a person, in pages and in notebooks.

    What was chosen in this browser counts; else what the person chose in another; else
    what the browser asks for. Whatever pages are drawn in is the person's from then on,
    so that JupyterLab, which asks no browser, speaks it too.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if isinstance(request.user, User):
            self._agree(request, request.user)
        return self.get_response(request)

    def _agree(self, request: HttpRequest, person: User) -> None:
        chosen_here = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        if person.language and chosen_here not in Language.values:
            translation.activate(person.language)
            request.LANGUAGE_CODE = person.language
        else:
            language = translation.get_language() or ""
            actions.choose_language(person, language=language)
