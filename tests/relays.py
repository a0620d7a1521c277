"""What a store is asked, told by a door in front of it that lets everything pass."""

import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from socketserver import BaseRequestHandler, ThreadingTCPServer

# A client asks once it was answered: a request begins what is received.
_REQUEST = re.compile(rb"([A-Z]+ \S+) HTTP/1\.1\r\n")


class _Server(ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


@dataclass
class Relay:
    port: int
    _asked: list[str] = field(default_factory=list)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def asked(self) -> list[str]:
        """Method and target of each request since this was called last."""
        told, self._asked = self._asked, []
        return told

    def note(self, received: bytes) -> None:
        if found := _REQUEST.match(received):
            self._asked.append(found[1].decode())


@contextlib.contextmanager
def relay_to(port: int) -> Iterator[Relay]:
    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(("127.0.0.1", port)) as beyond:
                back = threading.Thread(
                    target=_pass_on, args=(beyond, self.request), daemon=True
                )
                back.start()
                _pass_on(self.request, beyond, relay)
                back.join()

    with _Server(("127.0.0.1", 0), Handler) as server:
        relay = Relay(server.server_address[1])
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield relay
        server.shutdown()


def _pass_on(
    source: socket.socket, target: socket.socket, relay: Relay | None = None
) -> None:
    with contextlib.suppress(OSError):
        while received := source.recv(65_536):
            if relay:
                relay.note(received)
            target.sendall(received)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
