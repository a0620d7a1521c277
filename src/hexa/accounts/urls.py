from django.urls import path

from hexa.accounts import views

urlpatterns = [
    path("set-up/<str:token>/", views.set_up, name="set_up"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("language/", views.language, name="set_language"),
]
