from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "hexa.ui"
    label = "ui"
