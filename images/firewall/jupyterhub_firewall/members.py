"""Who is on a bridge that containers of all kinds are on, and which of them are notebooks.

A container's addresses are in a network namespace of its own. The kernel tells them to whoever may change the
host's network, by the namespace's number at the other end of a link: no engine has to be asked.
"""

import ipaddress
import socket
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .settings import Overlays

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Interface = ipaddress.IPv4Interface | ipaddress.IPv6Interface
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_SOL_NETLINK = 270
_GET_STRICT_CHECK = 12
_REQUEST_DUMP = 0x301
_DONE, _ERROR, _GETLINK, _GETADDR = 3, 2, 18, 22
_IFNAME, _MASTER, _LINK_NAMESPACE = 3, 10, 37
_ADDRESS, _LOCAL, _TARGET_NAMESPACE = 1, 2, 10
_LINK_HEAD = struct.Struct("=BxHiII")
_ADDRESS_HEAD = struct.Struct("=BBBBI")
_GROUP_LINK = 1


@dataclass(frozen=True)
class Members:
    others: frozenset[Address] = frozenset()
    """Addresses of those who are known to be no notebooks: who is not known yet is taken for one."""
    notebooks: bool = False
    """Whether there is a notebook."""


def look(bridge: str, overlays: Overlays) -> Members:
    """Raises OSError where the kernel does not tell."""
    links = list(_links())
    index = next((one for one, name, _, _ in links if name == bridge), None)
    own = [address for at, address in _addresses(None) if at == index]
    found: list[set[Address]] = []
    for _, _, master, namespace in links:
        if master == index is not None and namespace is not None:
            try:
                found.append({address.ip for _, address in _addresses(namespace)})
            except OSError:
                # It has ended meanwhile.
                continue
    return classify(found, [address.network for address in own], overlays)


def classify(containers: Iterable[set[Address]], own: Sequence[Network], overlays: Overlays) -> Members:
    """`containers`: all addresses of each; `own`: networks of the bridge itself. Pure."""
    notebooks, others = ipaddress.ip_network(overlays.notebooks), map(ipaddress.ip_network, overlays.others)
    control = list(others)
    known: set[Address] = set()
    has_notebook = False
    for every in containers:
        addresses = {one for one in every if not one.is_loopback}
        elsewhere = [one for one in addresses if not one.is_link_local and not _within(one, own)]
        if any(one in notebooks for one in elsewhere) and not any(_within(one, control) for one in elsewhere):
            has_notebook = True
        elif elsewhere:
            known |= addresses
        # Else it is not whole yet: nobody is on this bridge alone.
    return Members(frozenset(known), has_notebook)


def changes() -> socket.socket:
    """A socket that has something to read whenever a link comes, goes, or is switched on."""
    watch = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.NETLINK_ROUTE)
    watch.bind((0, _GROUP_LINK))
    return watch


def _within(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


def _links() -> Iterator[tuple[int, str, int | None, int | None]]:
    """Index, name, index of the bridge, and number of the namespace at the other end."""
    for head, attributes in _dump(_GETLINK, _LINK_HEAD.pack(0, 0, 0, 0, 0), _LINK_HEAD.size):
        name = attributes[_IFNAME].rstrip(b"\0").decode()
        yield (
            _LINK_HEAD.unpack(head)[2],
            name,
            _number(attributes.get(_MASTER)),
            _number(attributes.get(_LINK_NAMESPACE)),
        )


def _addresses(namespace: int | None) -> Iterator[tuple[int, Interface]]:
    """Index of the link and address, of this namespace or another one."""
    body = _ADDRESS_HEAD.pack(socket.AF_UNSPEC, 0, 0, 0, 0)
    if namespace is not None:
        body += struct.pack("=HHi", 8, _TARGET_NAMESPACE, namespace)
    for head, attributes in _dump(_GETADDR, body, _ADDRESS_HEAD.size):
        _family, bits, _flags, _scope, index = _ADDRESS_HEAD.unpack(head)
        if packed := attributes.get(_LOCAL) or attributes.get(_ADDRESS):
            yield index, ipaddress.ip_interface((ipaddress.ip_address(packed), bits))


def _number(packed: bytes | None) -> int | None:
    return None if packed is None else struct.unpack("=i", packed)[0]


def _dump(kind: int, body: bytes, head: int) -> Iterator[tuple[bytes, dict[int, bytes]]]:
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as asked:
        # Without it an older kernel does not look at which namespace is meant.
        asked.setsockopt(_SOL_NETLINK, _GET_STRICT_CHECK, 1)
        asked.settimeout(5)
        asked.send(struct.pack("=IHHII", 16 + len(body), kind, _REQUEST_DUMP, 1, 0) + body)
        while True:
            data = asked.recv(1 << 18)
            while data:
                length, answer = struct.unpack_from("=IH", data)
                message = data[16:length]
                if answer == _DONE:
                    return
                if answer == _ERROR:
                    raise OSError(-struct.unpack_from("=i", message)[0], "the kernel reports no addresses")
                yield message[:head], _attributes(message[head:])
                data = data[_aligned(length) :]


def _attributes(data: bytes) -> dict[int, bytes]:
    found = {}
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        found[kind & 0x3FFF] = data[4:length]
        data = data[_aligned(max(length, 4)) :]
    return found


def _aligned(length: int) -> int:
    return (length + 3) & ~3
