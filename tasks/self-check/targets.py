"""What there is to reach, for a check of what a notebook server can reach. Standard library only.

targets.py listen             listens on a free port of every address, and on port 53; prints them all
targets.py serve 8888 12345   listens on these ports
"""

import json
import socket
import struct
import sys
import threading
from collections.abc import Iterable
from typing import Any

NAMES = 53
"""Port of name servers."""


def serve(ports: Iterable[int]) -> None:
    """Listens on the ports of every address, TCP and UDP, IPv4 and IPv6 where there is any."""
    for port in ports:
        for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
            try:
                listener = socket.socket(family, socket.SOCK_STREAM)
                datagrams = socket.socket(family, socket.SOCK_DGRAM)
                for one in (listener, datagrams):
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    if family == socket.AF_INET6:
                        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                    one.bind((address, port))
                listener.listen()
            except OSError:
                if family == socket.AF_INET:
                    raise
                continue
            threading.Thread(target=accept, args=(listener,), daemon=True).start()
            threading.Thread(target=echo, args=(datagrams,), daemon=True).start()


def serve_names(addresses: Iterable[str]) -> list[str]:
    """Listens on port 53 of each address where nobody else does; gives those where somebody listens now."""
    found = []
    for address in addresses:
        listener, datagrams = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
        try:
            for one in (listener, datagrams):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                one.bind((address, NAMES))
            listener.listen()
        except PermissionError:
            continue
        except OSError:
            # A name server of the host's own, which will do.
            found.append(address)
            continue
        found.append(address)
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        threading.Thread(target=echo, args=(datagrams,), daemon=True).start()
    return found


def name_servers() -> list[str]:
    """What the host asks for names."""
    try:
        with open("/etc/resolv.conf") as lines:
            fields = [line.split() for line in lines]
    except OSError:
        return []
    return [one[1] for one in fields if len(one) > 1 and one[0] == "nameserver"]


def accept(listener: socket.socket) -> None:
    while True:
        connection, _ = listener.accept()
        connection.close()


IP_PKTINFO = 8
"""Of Linux; older Pythons have no name for it."""


def echo(datagrams: socket.socket) -> None:
    """Answers from the address that was asked: the kernel would choose the one nearest to the sender."""
    if datagrams.family == socket.AF_INET:
        datagrams.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
    while True:
        data, ancillary, _, sender = datagrams.recvmsg(2048, 128)
        asked = [
            # Interface, own address, address of the packet: the kernel chooses the interface.
            (level, kind, struct.pack("=I4s4s", 0, content[4:8], bytes(4)))
            for level, kind, content in ancillary
            if (level, kind) == (socket.IPPROTO_IP, IP_PKTINFO)
        ]
        datagrams.sendmsg([data], asked, 0, sender)


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind(("0.0.0.0", 0))
        return int(listener.getsockname()[1])


def ipv4_addresses() -> list[str]:
    """This network's own IPv4 addresses, as the kernel routes to them."""
    found = set()
    with open("/proc/net/fib_trie") as lines:
        last = ""
        for line in lines:
            if "/32 host LOCAL" in line:
                found.add(last.split()[-1])
            last = line
    return sorted(address for address in found if not address.startswith("127."))


def way_out() -> dict[str, str]:
    """Its own address on the way to the outside, and that of who passes packets on; none without a way."""
    with open("/proc/net/route") as lines:
        routes = [line.split() for line in lines]
    gateways = [one[2] for one in routes if one[1] == "00000000"]
    if not gateways:
        return {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        # Kept for examples: nothing is sent.
        sender.connect(("192.0.2.1", 9))
        return {
            "address": sender.getsockname()[0],
            "gateway": socket.inet_ntoa(struct.pack("=I", int(gateways[0], 16))),
        }


def ipv6_addresses() -> list[dict[str, str]]:
    try:
        with open("/proc/net/if_inet6") as lines:
            fields = [line.split() for line in lines]
    except OSError:
        return []
    return [
        {"address": socket.inet_ntop(socket.AF_INET6, bytes.fromhex(one[0])), "interface": one[5]}
        for one in fields
        if one[5] != "lo"
    ]


def main(arguments: list[str]) -> None:
    match arguments:
        case ["listen"]:
            port = free_port()
            serve([port])
            own = ipv4_addresses()
            found: dict[str, Any] = {"port": port, "ipv4": own, "ipv6": ipv6_addresses()}
            found |= {"names": serve_names(own), "nameServers": name_servers()}
            print(json.dumps(found), flush=True)
            threading.Event().wait(300)
        case ["serve", *ports]:
            serve([int(port) for port in ports])
            print(json.dumps(way_out()), flush=True)
            threading.Event().wait(300)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
