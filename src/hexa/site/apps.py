from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "hexa.site"
    label = "site"
