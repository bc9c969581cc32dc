"""The name servers that the Docker host asks: of the host's own addresses, the only ones open on port 53.

Names of a container are looked up by the engine. What it does not know it asks from the container's network,
unless the name server is on the host's loopback. So one that listens on another address of the host has to be
let through, or no name is found.
"""

import ipaddress
from collections.abc import Iterable
from pathlib import Path

FILES = (Path("/etc/resolv.conf"), Path("/host/resolve/resolv.conf"))
"""This container's, which has the host's (or those of the engine's `dns`), and that of systemd-resolved: the
engine takes it where the host's has a stub on the loopback only."""

_MOST = 8


def name_servers(files: Iterable[Path] = FILES) -> tuple[str, ...]:
    """IPv4 addresses. The engine asks those of IPv6 from the host's own network."""
    found: dict[str, None] = {}
    for file in files:
        for line in _lines(file):
            match line.split():
                case ["nameserver", text, *_]:
                    try:
                        address = ipaddress.IPv4Address(text)
                    except ValueError:
                        continue
                    # A loopback that is asked from a container is the container's own.
                    if not (address.is_loopback or address.is_unspecified or address.is_multicast):
                        found[str(address)] = None
    return tuple(sorted(list(found)[:_MOST]))


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(errors="replace").splitlines()
    except OSError:
        return []
