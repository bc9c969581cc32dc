"""What the kernel is asked: rules in, rules out, and whether it looks at bridged frames."""

import os
import socket
import subprocess
from pathlib import Path

BRIDGE_SETTINGS = Path("/proc/sys/net/bridge")
INTERFACES = Path("/sys/class/net")

_NETLINK_NETFILTER = 12
_SOL_NETLINK = 270
_NETLINK_ADD_MEMBERSHIP = 1
_NFNLGRP_NFTABLES = 7


class KernelError(Exception):
    """The kernel refuses; the message is its own."""


def apply(text: str) -> None:
    """Puts rules in, all or none."""
    _nft("-f", "-", stdin=text)


def listing(table: str) -> str | None:
    """A table as it is now, without counters; None where there is none."""
    try:
        return _nft("-s", "list", "table", *table.split())
    except KernelError:
        return None


def delete(table: str) -> None:
    """Removes a table if it is there."""
    family, name = table.split()
    if listing(table) is not None:
        _nft("delete", "table", family, name)


def bridged_frames_are_filtered() -> bool:
    """Whether frames from one port of a bridge to another pass the rules for routed packets."""
    return all(
        _text(BRIDGE_SETTINGS / name) == "1"
        for name in ("bridge-nf-call-iptables", "bridge-nf-call-ip6tables")
    )


def bridge_has_ports(bridge: str) -> bool:
    """Whether a container is on the bridge."""
    try:
        return bool(os.listdir(INTERFACES / bridge / "brif"))
    except OSError:
        return False


def changes() -> socket.socket:
    """A socket that has something to read whenever somebody changes rules."""
    watch = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, _NETLINK_NETFILTER)
    watch.bind((0, 0))
    watch.setsockopt(_SOL_NETLINK, _NETLINK_ADD_MEMBERSHIP, _NFNLGRP_NFTABLES)
    return watch


def drain(watch: socket.socket) -> None:
    """Reads what is there. That messages were lost is as good a sign as a message."""
    while True:
        try:
            watch.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            continue


def _nft(*arguments: str, stdin: str | None = None) -> str:
    run = subprocess.run(["nft", *arguments], input=stdin, capture_output=True, text=True, timeout=10)
    if run.returncode != 0:
        raise KernelError(run.stderr.strip() or f"nft exited with code {run.returncode}")
    return run.stdout


def _text(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except OSError:
        return None
