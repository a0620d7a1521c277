"""The web application, as granian serves it."""

from django.core.asgi import get_asgi_application

from hexa.site.bounded import Bounded
from hexa.site.through import Through

application = Through(Bounded(get_asgi_application()))
