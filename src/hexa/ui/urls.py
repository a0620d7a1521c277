from django.conf import settings
from django.urls import path

from hexa.ui import views

app_name = "ui"
urlpatterns = [
    path("theme/", views.theme, name="theme"),
    path("side/", views.side, name="side"),
]
if settings.DEBUG:
    urlpatterns.append(path("", views.parts, name="parts"))
