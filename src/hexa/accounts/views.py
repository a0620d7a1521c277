from allauth.account import views as allauth_views
from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from hexa.accounts import actions
from hexa.accounts.forms import SetupForm
from hexa.accounts.models import Language, User
from hexa.foundation.access import mark, people, public
from hexa.foundation.answers import spoken
from hexa.foundation.errors import Conflict, Invalid
from hexa.ui.pages import page

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"

# allauth draws these with our templates in `accounts/templates/account/`.
sign_in = mark(allauth_views.login, "public: this is where people prove who they are")
inactive = mark(
    allauth_views.account_inactive, "public: says that an account is closed"
)
change_password = people(allauth_views.password_change)


@public(why="the link itself is the proof; it works once")
@never_cache
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest, token: str) -> HttpResponse:
    actions.find_setup_link(token)
    form = SetupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = actions.set_up(token, **form.cleaned_data)
        except (Invalid, Conflict) as refusal:
            form.add_error(_field_of(refusal), spoken(refusal))
        else:
            login(request, person, backend=BACKEND)
            return redirect("home")
    return page(request, "accounts/set_up.html", {"form": form})


@public(why="leaving must work also when the session has just ended")
@never_cache
@require_http_methods(["GET", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session here, then at the hub, which sends the browser back.

    A GET is answered only when it comes from the hub after its own sign-out, so
    that leaving either side ends both; other GETs go home.
    """
    from_hub = request.GET.get("from") == "hub"
    if request.method == "GET" and not from_hub:
        return redirect("home")
    logout(request)
    return redirect("account_login" if from_hub else settings.HUB_SIGN_OUT_URL)


@public(why="the choice of language belongs to everyone")
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    code = request.POST.get("language", "")
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}):
        target = "/"
    response = redirect(target)
    if code in Language.values:
        translation.activate(code)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            code,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
        if isinstance(request.user, User):
            actions.choose_language(request.user, language=code)
    return response


def _field_of(refusal: Invalid | Conflict) -> str | None:
    return {
        "WEAK_PASSWORD": "password",
        "EMAIL_TAKEN": "email",
        "INVALID_EMAIL": "email",
    }.get(refusal.code)
