"""The web application, as granian serves it."""

from django.core.asgi import get_asgi_application

from hexa.site.through import Through

application = Through(get_asgi_application())
