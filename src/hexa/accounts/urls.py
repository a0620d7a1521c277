from django.urls import path

from hexa.accounts import views

urlpatterns = [
    path("set-up/<str:token>/", views.set_up, name="set_up"),
    path("accounts/login/", views.sign_in, name="account_login"),
    path("accounts/inactive/", views.inactive, name="account_inactive"),
    path("accounts/password/", views.change_password, name="account_change_password"),
    path("accounts/logout/", views.sign_out, name="account_logout"),
    path("language/", views.language, name="set_language"),
]
