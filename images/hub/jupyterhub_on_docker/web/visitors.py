"""Addresses of visitors: the reverse proxy is believed what it says of them, and nobody else.

JupyterHub has tornado take a visitor's address from X-Real-Ip or X-Forwarded-For, whoever sends them.
Notebook servers reach the hub, too, and would choose where they come from: for lockouts and the log.

Here the other end of the connection decides. From the reverse proxy, X-Forwarded-For is read from the right:
each address was written by the one to the right of it, so the first that is not a trusted load balancer's is
the visitor. Nothing else is read. All headers that tell of a visitor are taken off every request, since
libraries look at them, too; X-Forwarded-Proto is put back with what was found.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

from tornado.http1connection import HTTP1ServerConnection
from tornado.httpserver import HTTPServer, _HTTPRequestContext
from tornado.httputil import HTTPHeaders
from tornado.iostream import IOStream

from ..config import Settings

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

INTERVAL = 2.0
"""Seconds between two looks at which addresses a proxy's name has."""

SOONEST = 0.5
"""Seconds between two looks where somebody unknown asks."""

KEPT = 30.0
"""Seconds for which addresses hold while names are not answered."""

LONGEST = 64
"""Characters of an address, with a port and brackets. What is longer is none."""

_TELLING = frozenset(
    {
        "forwarded",
        "forwarded-for",
        "via",
        "client-ip",
        "true-client-ip",
        "cf-connecting-ip",
        "cf-connecting-ipv6",
        "cf-pseudo-ipv4",
        "fastly-client-ip",
        "x-real-ip",
        "x-client-ip",
        "x-cluster-client-ip",
        "x-original-forwarded-for",
        "x-originating-ip",
        "x-remote-ip",
        "x-remote-addr",
        "x-scheme",
        "x-url-scheme",
        "front-end-https",
    }
)
"""Headers that tell of a visitor, beside all that begin with X-Forwarded."""

_PROTOCOLS = {"http": "http", "ws": "http", "https": "https", "wss": "https"}


def is_telling(name: str) -> bool:
    """Whether a header tells of a visitor, in any spelling."""
    plain = name.strip().lower().replace("_", "-")
    return plain.startswith("x-forwarded") or plain in _TELLING


def parse_address(text: str) -> Address | None:
    """An address as proxies write it, which may be with a port; None for anything else.

    An IPv4 address in an IPv6 one is the IPv4 address.
    """
    text = text.strip().strip('"')
    if len(text) > LONGEST:
        return None
    if text.startswith("["):
        text, bracket, port = text[1:].partition("]")
        if not bracket or (port and not (port[0] == ":" and port[1:].isdecimal())):
            return None
    elif text.count(":") == 1:
        text, _, port = text.partition(":")
        if not port.isdecimal():
            return None
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _resolve(name: str) -> set[str]:
    return {str(found[4][0]) for found in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)}


class Proxies:
    """The addresses that the reverse proxy connects from.

    Names are looked up in the background, so that no request waits: a Swarm's proxies come and go.
    """

    def __init__(
        self,
        proxies: Iterable[str],
        resolve: Callable[[str], Iterable[str]] = _resolve,
        clock: Callable[[], float] = time.monotonic,
    ):
        addresses = {name: parse_address(name) for name in proxies}
        self._fixed = frozenset(found for found in addresses.values() if found is not None)
        self._names = [name for name, found in addresses.items() if found is None]
        self._resolve = resolve
        self._clock = clock
        self._found: frozenset[Address] = frozenset()
        self._answered = clock()
        self._wake = threading.Event()
        self._started = False

    def __contains__(self, address: Address) -> bool:
        if address in self._fixed or address in self._found:
            return True
        # A proxy that has just come is known a moment later.
        self._wake.set()
        return False

    def start(self, wait: float = 5.0) -> None:
        """Begins to look names up. Returns when the first look is done, or after `wait` seconds."""
        if not self._names or self._started:
            return
        self._started = True
        first = threading.Event()
        threading.Thread(target=self._follow, args=(first,), name="proxies", daemon=True).start()
        first.wait(wait)

    def look(self) -> None:
        """Looks all names up, once."""
        found: set[Address] = set()
        try:
            for name in self._names:
                found.update(filter(None, map(parse_address, self._resolve(name))))
        except OSError:
            if self._clock() - self._answered > KEPT:
                self._found = frozenset()
            return
        self._answered = self._clock()
        self._found = frozenset(found)

    def _follow(self, first: threading.Event) -> None:
        while True:
            self.look()
            first.set()
            time.sleep(SOONEST)
            self._wake.clear()
            self._wake.wait(INTERVAL - SOONEST)


class Visitors:
    """Tells who is behind a request."""

    def __init__(self, proxies: Proxies, trusted: Iterable[Network]):
        self.proxies = proxies
        self._trusted = [_unmapped(network) for network in trusted]

    def is_trusted(self, address: Address) -> bool:
        return any(address.version == network.version and address in network for network in self._trusted)

    def take(self, peer: str, protocol: str, headers: HTTPHeaders) -> tuple[str, str]:
        """Address and protocol of a visitor, by the other end of a connection and a request's headers.

        Takes all that tells of a visitor off the headers.
        """
        told_addresses = ",".join(headers.get_list("X-Forwarded-For"))
        told_protocols = ",".join(headers.get_list("X-Forwarded-Proto"))
        for name in [name for name in headers if is_telling(name)]:
            del headers[name]
        address = parse_address(peer)
        if address is None:
            return peer, protocol
        if address not in self.proxies:
            return str(address), protocol
        for hop in reversed(told_addresses.split(",")):
            found = parse_address(hop)
            if found is None:
                # No proxy wrote this. The last address that one did write stands for the visitor.
                break
            address = found
            if not self.is_trusted(found):
                break
        protocol = _PROTOCOLS.get(told_protocols.rpartition(",")[2].strip().lower(), protocol)
        headers["X-Forwarded-Proto"] = protocol
        return str(address), protocol


def _unmapped(network: Network) -> Network:
    mapped = network.network_address
    if isinstance(mapped, IPv6Address) and mapped.ipv4_mapped is not None and network.prefixlen >= 96:
        return IPv4Network((mapped.ipv4_mapped, network.prefixlen - 96))
    return network


class _Context(_HTTPRequestContext):
    """A connection. Tornado calls both methods for each of its requests, before anything else sees it."""

    def __init__(
        self, visitors: Visitors, stream: IOStream, address: tuple[Any, ...], protocol: str | None
    ) -> None:
        super().__init__(stream, address, protocol)
        self._visitors = visitors

    def _apply_xheaders(self, headers: HTTPHeaders) -> None:
        self.remote_ip, self.protocol = self._visitors.take(
            self._orig_remote_ip, self._orig_protocol, headers
        )


class VisitedServer(HTTPServer):
    """Tornado's server, but for how it knows visitors."""

    def initialize(self, *args: Any, **kwargs: Any) -> None:
        visitors: Visitors = kwargs.pop("visitors")
        # Without it the headers would not be looked at at all.
        super().initialize(*args, **{**kwargs, "xheaders": True})
        self._visitors = visitors
        visitors.proxies.start()

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        context = _Context(self._visitors, stream, address, self.protocol)
        connection = HTTP1ServerConnection(stream, self.conn_params, context)
        self._connections.add(connection)
        connection.start_serving(self)


def watch(settings: Settings) -> None:
    """Has the server that JupyterHub makes know visitors as it is said here."""
    visitors = Visitors(Proxies(settings.visitors.proxies), settings.visitors.trusted)
    HTTPServer.configure(VisitedServer, visitors=visitors)
