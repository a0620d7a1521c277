"""A small site of its own around the interface: one workspace, one person."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django import forms
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.urls import include, path

from hexa.ui import navigation, palette
from hexa.ui.icons import Icon
from hexa.ui.navigation import Entry, Mark, Place, Places
from hexa.ui.pages import page
from hexa.ui.toasts import toast
from tests.ui import uploads


@dataclass(frozen=True, slots=True)
class Person:
    name: str = "Ana Maria Silva"
    email: str = "ana@example.org"
    is_authenticated: bool = True


class SignedIn:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.user = Person()  # type: ignore[assignment] # no accounts here
        return self.get_response(request)


class SampleForm(forms.Form):
    name = forms.CharField(help_text="What colleagues will see.")
    country = forms.ChoiceField(choices=[("TG", "Togo")], required=False)
    keep = forms.BooleanField(label="Keep a copy", required=False)

    def clean(self) -> None:
        if self.data.get("name") == "taken":
            raise forms.ValidationError("This name is taken.")


HERE = Place("Malaria team", "malaria-team", "/w/malaria-team/", "Togo")
OTHER = Place("Demo", "demo", "/w/demo/", "Sierra Leone")


def places(request: HttpRequest) -> Places:
    if request.path == "/nowhere/":
        return Places(others=[HERE, OTHER], new_url="/new/", all_url="/all/")
    return Places(here=HERE, others=[OTHER], new_url="/new/", all_url="/all/")


navigation.register_places(places)
navigation.register(Entry("Home", Icon("house"), "home", order=10, key="h"))
navigation.register(Entry("Files", Icon("folder"), "files", order=20, key="f"))
navigation.register(
    Entry(
        "Notebooks",
        Icon("notebook"),
        "notebooks",
        order=30,
        key="n",
        mark=lambda _request, _place: Mark("running"),
    )
)
navigation.register(
    Entry(
        "Pipelines",
        Icon("activity"),
        "pipelines",
        order=40,
        mark=lambda _request, _place: Mark("running", 2),
    )
)
navigation.register(Entry("Members", Icon("users"), "members", order=50))
navigation.register(Entry("Settings", Icon("settings"), "settings", order=60))
navigation.register_account(Entry("Password", Icon("key-round"), "password", order=1))


def counted(request: HttpRequest, slug: str = "") -> HttpResponse:
    """A page with a part that HTMX can replace, and a POST that leaves a toast."""
    if request.method == "POST":
        toast(request, "Deleted cases.csv.", undo_url="/undo/")
        return HttpResponseRedirect(request.path, status=303)
    return page(request, "count.html", {"slug": slug}, partials=frozenset({"count"}))


def plain(request: HttpRequest, **_path: str) -> HttpResponse:
    return render(request, "ui/parts.html")


def sign_in(request: HttpRequest) -> HttpResponse:
    return render(request, "bare.html")


def error(request: HttpRequest, status: int) -> HttpResponse:
    return render(request, f"ui/errors/{status}.html", status=status)


def fields(request: HttpRequest) -> HttpResponse:
    form = SampleForm(request.POST or None)
    return render(request, "fields.html", {"form": form})


def upload(request: HttpRequest) -> HttpResponse:
    return render(request, "upload.html", uploads.page_context())


def wait(request: HttpRequest, end: str) -> HttpResponse:
    return render(request, "wait.html", {"end": end})


def events(_request: HttpRequest, end: str) -> StreamingHttpResponse:
    def told() -> Iterator[bytes]:
        yield event("step", message="Preparing your folder", percent=20)
        yield event("step", message="Starting JupyterLab", percent=60)
        if end == "ready":
            yield event("ready", url="/w/demo/")
        else:
            yield event("failed", message="There is no memory left.")

    return StreamingHttpResponse(told(), content_type="text/event-stream")


def event(kind: str, **data: object) -> bytes:
    return f"event: {kind}\ndata: {json.dumps(data)}\n\n".encode()


def search(request: HttpRequest) -> JsonResponse:
    return JsonResponse(palette.answer(request))


urlpatterns = [
    path("", plain),
    path("nowhere/", plain),
    path("bare/", sign_in, name="account_login"),
    path("sign-out/", plain, name="account_logout"),
    path("password/", plain, name="password"),
    path("fields/", fields),
    path("upload/", upload),
    *(path(f"upload/{name}/", getattr(uploads, name)) for name in uploads.ADDRESSES),
    path("store/<path:key>/<int:number>", uploads.put),
    path("through/<path:key>/<int:number>", uploads.put),
    path("control/", uploads.control),
    path("wait/<str:end>/", wait),
    path("events/<str:end>/", events),
    path("error/<int:status>/", error),
    path("palette/", search, name="palette"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("ui/", include("hexa.ui.urls")),
    path("w/<slug:slug>/", plain, name="home"),
    path("w/<slug:slug>/files/", counted, name="files"),
    path("w/<slug:slug>/notebooks/", plain, name="notebooks"),
    path("w/<slug:slug>/pipelines/", plain, name="pipelines"),
    path("w/<slug:slug>/members/", plain, name="members"),
    path("w/<slug:slug>/settings/", plain, name="settings"),
]
