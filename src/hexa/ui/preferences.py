"""How this browser shows the interface: kept in cookies, so that the first byte of a
page is already drawn right and nothing flashes."""

from django.http import HttpRequest, HttpResponse

THEME = "hexa_theme"
THEMES = ("auto", "light", "dark")
SIDE = "hexa_side"
SIDES = ("open", "folded")
KEPT_SECONDS = 365 * 24 * 3600


def theme(request: HttpRequest) -> str:
    return _chosen(request, THEME, THEMES)


def side(request: HttpRequest) -> str:
    return _chosen(request, SIDE, SIDES)


def keep(
    request: HttpRequest, response: HttpResponse, *, theme: str = "", side: str = ""
) -> None:
    """Set the cookies of the choices given; what is not a choice is ignored."""
    for cookie, value, choices in ((THEME, theme, THEMES), (SIDE, side, SIDES)):
        if value in choices:
            response.set_cookie(
                cookie,
                value,
                max_age=KEPT_SECONDS,
                secure=request.is_secure(),
                httponly=True,
                samesite="Lax",
            )


def _chosen(request: HttpRequest, cookie: str, choices: tuple[str, ...]) -> str:
    value = request.COOKIES.get(cookie, "")
    return value if value in choices else choices[0]
