"""Serves the interface alone on a port given; ended by the test that started it."""

import os
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Tests read the pages, not the log."""


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.ui.settings"
    from django.core.wsgi import (  # noqa: PLC0415 # needs the settings
        get_wsgi_application,
    )

    port = int(sys.argv[1])
    application = get_wsgi_application()
    with make_server("127.0.0.1", port, application, Server, Quiet) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
