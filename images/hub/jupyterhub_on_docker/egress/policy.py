"""What may be reached. Pure."""

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address

from .credentials import Identity
from .settings import Rule

_NAME = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{1,63}")

PRIVATE = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "224.0.0.0/3",
        ),
    )
)
"""Not the internet; the firewall's list of the same name."""


class Refused(Exception):
    """A request that is not let through. The message goes to the person; it is one line of ASCII."""


def check(rules: list[Rule], identity: Identity, host: str, port: int) -> str:
    """The name to look up. Raises Refused where no rule of the identity's has it."""
    name = host.lower().removesuffix(".")
    if not _NAME.fullmatch(name) or _is_address(name):
        raise Refused("only host names are allowed, not addresses")
    matching = [rule for rule in rules if port in rule.ports and _matches(rule.host, name)]
    if not matching:
        raise Refused(
            f"{name}:{port} is not on this hub's list of allowed hosts. Ask its administrator to add it"
        )
    if not any(rule.groups is None or identity.groups & set(rule.groups) for rule in matching):
        raise Refused(f"{name}:{port} is allowed for some groups only, and you are in none of them")
    return name


def public(addresses: list[str], name: str) -> list[str]:
    """The addresses to try. Raises Refused where one of them is private: the name is not to be trusted."""
    for address in addresses:
        if _is_private(ip_address(address)):
            raise Refused(f"{name} resolves to a private address, which cannot be reached from here")
    return addresses


def _matches(pattern: str, name: str) -> bool:
    return name.endswith(pattern[1:]) if pattern.startswith("*.") else name == pattern


def _is_address(name: str) -> bool:
    # `10.1` and `0x7f.1` are addresses to some resolvers: a name's last part has a letter first.
    return not name.rpartition(".")[2][0].isalpha()


def _is_private(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        # What wraps an IPv4 address (mapped, 6to4, Teredo, NAT64) is not worth taking apart.
        return not address.is_global or address.packed[0] & 0xE0 != 0x20 or address.packed[:2] == b"\x20\x02"
    return any(address in network for network in PRIVATE)
