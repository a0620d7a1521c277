from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from hexa.foundation.access import public
from hexa.ui import preferences


@public(why="It keeps a cookie in the caller's own browser, before sign-in too.")
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    response = HttpResponseRedirect(_back(request), status=303)
    preferences.keep(request, response, theme=request.POST.get("theme", ""))
    return response


@public(why="It keeps a cookie in the caller's own browser, before sign-in too.")
@require_POST
def side(request: HttpRequest) -> HttpResponse:
    response = HttpResponseRedirect(_back(request), status=303)
    preferences.keep(request, response, side=request.POST.get("side", ""))
    return response


@public(why="The parts of the interface hold no data; routed in development only.")
@require_GET
def parts(request: HttpRequest) -> HttpResponse:
    return render(request, "ui/parts.html")


def page_not_found(
    request: HttpRequest,
    exception: Exception,
) -> HttpResponse:
    """Django's handler of addresses that lead nowhere."""
    return render(request, "ui/errors/404.html", status=404)


def server_error(_request: HttpRequest) -> HttpResponse:
    """Django's handler of a bug. It must not fail again: should the frame be what
    broke, the page is drawn without the request."""
    return HttpResponse(render_to_string("ui/errors/500.html"), status=500)


def _back(request: HttpRequest) -> str:
    """The page the form was on, never another site."""
    url = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return url if is_ours else "/"
