"""Ports for servers that tests start."""

import contextlib
import socket
import time
from collections.abc import Sequence

from hexa.backends.storage import seaweedfs

# Its own worker looks for the administration there, and without it the store ends.
_SECOND_PORT_OF_ADMIN = 10_000


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def free_ports(count: int, *, second: int = 0, but: Sequence[int] = ()) -> list[int]:
    """Below 32 768, where the kernel takes none for outgoing connections.

    `second`: at this distance above each stands another that must be free.
    """
    with contextlib.ExitStack() as held:
        found: list[int] = []
        room = range(20_000, 32_768 - second)
        begun = time.monotonic_ns() // 1000 % len(room)
        for port in [*room[begun:], *room[:begun]]:
            if port in but or port + second in but:
                continue
            probes = [held.enter_context(socket.socket()) for _ in range(2)]
            with contextlib.suppress(OSError):
                for probe, wanted in zip(probes, {port, port + second}, strict=False):
                    probe.bind(("127.0.0.1", wanted))
                found.append(port)
            if len(found) == count:
                return found
    raise AssertionError("So many ports are not free.")


def store_ports(*, but: Sequence[int] = ()) -> seaweedfs.Ports:
    ports = free_ports(8, but=but)
    admin = free_ports(1, second=_SECOND_PORT_OF_ADMIN, but=[*but, *ports])
    return seaweedfs.Ports(*ports, *admin)
