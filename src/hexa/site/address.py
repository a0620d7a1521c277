"""One address for people: cookies belong to a name, and sign-in goes by the public one."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

Next = Callable[[HttpRequest], HttpResponseBase]
_OWN_NAMES = frozenset({"localhost", "127.0.0.1"})


class OneAddressMiddleware:
    """Leads a browser from `localhost` to `127.0.0.1`, or back, as the public address has it.

    Signed in by one name, a person would be asked again where the hub answers by the
    other. Only pages that are navigated to are led: programs and monitors are answered
    by whichever name they use.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        self.public = urlsplit(settings.PUBLIC_URL)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if self._came_by_another_name(request):
            path = request.get_full_path()
            return HttpResponseRedirect(
                f"{self.public.scheme}://{self.public.netloc}{path}"
            )
        return self.get_response(request)

    def _came_by_another_name(self, request: HttpRequest) -> bool:
        name = urlsplit(f"//{request.get_host()}").hostname
        return (
            request.method == "GET"
            and request.headers.get("Sec-Fetch-Mode") == "navigate"
            and name != self.public.hostname
            and {name, self.public.hostname} == _OWN_NAMES
        )
