"""Where a store may be: what people type must not lead into the platform's own house.

A name is resolved, and every address it has must be public, or lie in a network that
the operator named; none may be one of the platform's own ports. The address is looked
at again once connected, before a byte is sent: a name that resolves to something else
the second time is refused as well.
"""

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
)

from hexa.backends.storage.errors import EndpointNotAllowed, StoreOutage

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Reach:
    """`networks` as 10.20.0.0/16; `own_ports` are those of this machine's services."""

    networks: tuple[str, ...] = ()
    own_ports: frozenset[int] = frozenset()

    def allows(self, address: str, port: int) -> bool:
        found = ipaddress.ip_address(address.partition("%")[0])
        if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
            found = found.ipv4_mapped
        is_here = found.is_loopback or found.is_unspecified or _is_ours(str(found))
        if is_here and port in self.own_ports:
            return False
        if found.is_global and not found.is_multicast:
            return True
        networks = (ipaddress.ip_network(one, strict=False) for one in self.networks)
        return any(found in network for network in networks)

    def check(self, url: str) -> Sequence[str]:
        """The addresses of this name, all of them allowed.

        Raises EndpointNotAllowed, or StoreOutage for a name nobody knows.
        """
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
        found = _addresses(parts.hostname or "", port)
        if not all(self.allows(address, port) for address in found):
            raise EndpointNotAllowed
        return found

    def hold(self, client: Any) -> None:
        """From now on the client connects nowhere else, whatever names resolve to."""
        # botocore offers no other way; what it names otherwise one day, fails here.
        session = client._endpoint.http_session  # noqa: SLF001
        session._pool_classes_by_scheme.update(self._pools())  # noqa: SLF001

    def _pools(self) -> dict[str, type]:
        reach = self

        class Http(AWSHTTPConnection):
            def _new_conn(self) -> socket.socket:
                return reach.checked(super()._new_conn(), by_proxy=bool(self.proxy))

        class Https(AWSHTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return reach.checked(super()._new_conn(), by_proxy=bool(self.proxy))

        class HttpPool(AWSHTTPConnectionPool):
            ConnectionCls = Http

        class HttpsPool(AWSHTTPSConnectionPool):
            ConnectionCls = Https

        return {"http": HttpPool, "https": HttpsPool}

    def checked(self, connected: socket.socket, *, by_proxy: bool) -> socket.socket:
        """Behind a proxy of the operator's it is the proxy that knows addresses."""
        address, port = connected.getpeername()[:2]
        if not by_proxy and not self.allows(address, port):
            connected.close()
            raise EndpointNotAllowed
        return connected


def _addresses(host: str, port: int) -> Sequence[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise StoreOutage from error
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def _is_ours(address: str) -> bool:
    """Whether this machine itself has the address."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True
