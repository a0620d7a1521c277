"""A line between browser and platform that fails as lines do: nobody closes anything."""

import contextlib
import select
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

CHUNK = 64 * 1024


@dataclass
class Line:
    """SOCKS 5, behind which addresses, and so signatures, stay what they are."""

    server: socket.socket
    flows: threading.Event = field(default_factory=threading.Event)
    is_swallowing: bool = False
    # Of connections over which nothing comes any more, whatever the line does then.
    dead: set[socket.socket] = field(default_factory=set)
    open: list[socket.socket] = field(default_factory=list)
    # What happens to it once so many bytes more have gone to the platform.
    fate: tuple[int, Callable[[], None]] | None = None

    @property
    def address(self) -> str:
        return f"socks5://127.0.0.1:{self.server.getsockname()[1]}"

    def swallow(self) -> None:
        """All bytes are taken, and lost: a router has forgotten the connections."""
        self.dead.update(self.open)
        self.is_swallowing = True

    def mend(self) -> None:
        """For connections made from now on."""
        self.is_swallowing = False

    def hold(self) -> None:
        """No byte is taken, and none lost: no signal for a while."""
        self.flows.clear()

    def go_on(self) -> None:
        self.flows.set()

    def after(self, count: int, act: Callable[[], None]) -> None:
        self.fate = (count, act)

    def count(self, sent: int) -> None:
        if self.fate is None:
            return
        left, act = self.fate[0] - sent, self.fate[1]
        self.fate = (left, act) if left > 0 else None
        if self.fate is None:
            act()

    def accept(self) -> None:
        with contextlib.suppress(OSError):  # closed: the test is over
            while True:
                near, _ = self.server.accept()
                threading.Thread(target=self.carry, args=[near], daemon=True).start()

    def carry(self, near: socket.socket) -> None:
        with near, contextlib.suppress(OSError), connected(near) as far:
            self.open += [near, far]
            if self.is_swallowing:
                self.dead.update((near, far))
            while self.pass_on(near, far):
                self.flows.wait()

    def pass_on(self, near: socket.socket, far: socket.socket) -> bool:
        ready, _, _ = select.select([near, far], [], [])
        for one in ready:
            self.flows.wait()
            chunk = one.recv(CHUNK)
            if one is near:
                self.count(len(chunk))
            if one in self.dead and chunk:
                continue
            if not chunk:
                return False
            (far if one is near else near).sendall(chunk)
        return True


def connected(near: socket.socket) -> socket.socket:
    """Where the browser wants to go, if it is here; it also wants to talk to its maker."""
    stream = near.makefile("rb")
    _, methods = stream.read(2)
    stream.read(methods)
    near.sendall(b"\5\0")
    *_, length = stream.read(5)
    name, port = stream.read(length), int.from_bytes(stream.read(2))
    if name != b"127.0.0.1":
        raise ConnectionRefusedError
    far = socket.create_connection(("127.0.0.1", port))
    near.sendall(b"\5\0\0\1" + bytes(6))
    return far


@contextlib.contextmanager
def line() -> Iterator[Line]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        made = Line(server)
        made.go_on()
        threading.Thread(target=made.accept, daemon=True).start()
        try:
            yield made
        finally:
            made.go_on()
            server.shutdown(socket.SHUT_RDWR)
            for one in made.open:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
