from django.urls import URLPattern, URLResolver, include, path
from oauth2_provider import views as oidc

from hexa.foundation.access import mark
from hexa.site import views

OIDC_WHY = "public: part of OpenID Connect; the protocol itself authenticates"

oidc_urls: list[URLPattern | URLResolver] = [
    path(
        "authorize/",
        mark(oidc.AuthorizationView.as_view(), "people"),
        name="authorize",
    ),
    path("token/", mark(oidc.TokenView.as_view(), OIDC_WHY), name="token"),
    path("userinfo/", mark(oidc.UserInfoView.as_view(), OIDC_WHY), name="user-info"),
    path(
        ".well-known/openid-configuration",
        mark(oidc.ConnectDiscoveryInfoView.as_view(), OIDC_WHY),
        name="oidc-connect-discovery-info",
    ),
    path(
        ".well-known/jwks.json",
        mark(oidc.JwksInfoView.as_view(), OIDC_WHY),
        name="jwks-info",
    ),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("ready", views.ready, name="ready"),
    path("palette/", views.search, name="palette"),
    path("o/", include((oidc_urls, "oauth2_provider"))),
    path("ui/", include("hexa.ui.urls")),
    path("", include("hexa.accounts.urls")),
    path("", include("hexa.workspaces.urls")),
    path("", include("hexa.files.urls")),
    path("", include("hexa.notebooks.urls")),
]

handler404 = "hexa.ui.views.page_not_found"
handler500 = "hexa.ui.views.server_error"
