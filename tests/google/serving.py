"""The door as an HTTP server."""

import http.server
from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import urlsplit

from tests.google import json_api, xml_api
from tests.google.door import (
    Answer,
    Google,
    Request,
    allowed,
    preflight,
    token_answer,
)
from tests.google.shelves import Failed


def answer(request: Request) -> Answer:
    google = request.google
    if request.path in {"/token", "/v1/token"}:
        return token_answer(request)
    if google.is_down:
        return Answer(503, b"try again")
    is_json = request.path.startswith(("/storage/v1/", "/upload/", "/download/"))
    answered = json_api.answer if is_json else xml_api.answer
    refused = json_api.refused if is_json else xml_api.refused
    try:
        with google.shelves.lock:
            return answered(request)
    except Failed as failed:
        return refused(failed)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    google: ClassVar[Google]
    # Head and body in one packet: the second would wait for an acknowledgement.
    wbufsize = -1

    def answer(self) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self._body(headers)
        request = Request(
            self.google, self.command, parts.path, parts.query, headers, body
        )
        self.google.log.append((self.command, self.path))
        told = preflight(request) if self.command == "OPTIONS" else answer(request)
        self.send_response(told.status)
        sent = {
            "Content-Length": str(len(told.body)),
            **told.headers,
            **allowed(request),
        }
        for name, value in sent.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(told.body)

    def _body(self, headers: Mapping[str, str]) -> bytes:
        if headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(headers.get("content-length", 0)))
        body = b""
        while length := int(self.rfile.readline(), 16):
            body += self.rfile.read(length)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, *_: object) -> None: ...


for _method in ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
    setattr(Handler, f"do_{_method}", Handler.answer)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that went away."""


def serve(google: Google, port: int) -> Server:
    bound = type("Bound", (Handler,), {"google": google})
    return Server(("127.0.0.1", port), bound)
