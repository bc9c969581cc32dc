"""How the hub knows who visits it."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated

from pydantic import PlainValidator

from .base import NotEmpty, Section


def _network(value: object) -> IPv4Network | IPv6Network:
    if not isinstance(value, str):
        raise ValueError("expected an address or a network as text")
    network = ip_network(value, strict=False)
    if network.prefixlen == 0:
        raise ValueError("expected addresses of load balancers, found a network that contains every address")
    return network


Network = Annotated[IPv4Network | IPv6Network, PlainValidator(_network)]


class Visitors(Section):
    proxies: list[NotEmpty]
    """Where the reverse proxy's connections come from: addresses, or names on the notebooks' network."""
    trusted: list[Network]
    """Load balancers in front of it, which say whom they speak for."""
