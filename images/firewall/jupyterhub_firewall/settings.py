"""What the firewall is told: one JSON document in the variable FIREWALL. Nothing in it is secret."""

import ipaddress
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,15}")
_PROTOCOL = re.compile(r"tcp|udp")
_FOLDER = re.compile(r"/[A-Za-z0-9_./-]+")
_TABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,40}")


class SettingsError(Exception):
    """Settings that can't be used; the message names the key."""


@dataclass(frozen=True)
class Service:
    """A port of an infrastructure container that notebooks may connect to."""

    address: str
    port: int


@dataclass(frozen=True)
class Allowed:
    """Addresses that notebooks may reach although they are private; no ports are all of them."""

    network: str
    ports: tuple[int, ...]


@dataclass(frozen=True)
class Port:
    """A port that notebooks reach nowhere, whatever is allowed."""

    protocol: str
    port: int


@dataclass(frozen=True)
class Overlays:
    """How notebooks are known on a bridge that others are on too: by their addresses on overlay networks."""

    notebooks: str
    """Network of notebooks, and of some of the stack's own."""
    others: tuple[str, ...]
    """Networks that the stack's own are on as well, and no notebook is."""


@dataclass(frozen=True)
class Settings:
    table: str
    """Name of the tables; two stacks on a host have two."""
    bridge: str
    """Bridge of the notebooks' network."""
    subnet: str | None
    """Its addresses; None where each host's engine chooses them, and `overlays` tell who is who."""
    infrastructure: tuple[str, ...]
    """Addresses on that network of the hub, the reverse proxy and the like. They may start connections."""
    services: tuple[Service, ...]
    internet: bool
    """Whether notebooks may reach public addresses directly."""
    allowed: tuple[Allowed, ...]
    public_only: tuple[str, ...]
    """Bridges whose containers may reach public addresses and name servers only."""
    overlays: Overlays | None = None
    """None where all on the bridge but the infrastructure are notebooks."""
    closed_ports: tuple[Port, ...] = ()
    gate: str | None = None
    """Folder that is there while the rules are, for containers that must not start without them."""


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """Raises SettingsError where the document is missing or wrong."""
    try:
        return parse(json.loads(environment["FIREWALL"]))
    except KeyError as error:
        raise SettingsError(f"{error.args[0]}: missing") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise SettingsError(f"FIREWALL: {error}") from None


def parse(value: dict[str, Any]) -> Settings:
    # All of it becomes part of rules: addresses are read and written anew, names are checked.
    return Settings(
        table=_match(_TABLE, value["table"]),
        bridge=_match(_NAME, value["bridge"]),
        subnet=None if value["subnet"] is None else str(ipaddress.IPv4Network(value["subnet"])),
        infrastructure=tuple(sorted(str(ipaddress.IPv4Address(one)) for one in value["infrastructure"])),
        services=tuple(
            Service(str(ipaddress.IPv4Address(one["address"])), _port(one["port"]))
            for one in value["services"]
        ),
        internet=value["internet"] is True,
        allowed=tuple(
            Allowed(str(ipaddress.IPv4Network(one["network"])), tuple(sorted(map(_port, one["ports"]))))
            for one in value["allowed"]
        ),
        public_only=tuple(_match(_NAME, one) for one in value["publicOnly"]),
        overlays=_overlays(value.get("overlays")),
        closed_ports=tuple(
            Port(_match(_PROTOCOL, one["protocol"]), _port(one["port"]))
            for one in value.get("closedPorts", [])
        ),
        gate=None if value.get("gate") is None else _match(_FOLDER, value["gate"]),
    )


def _overlays(value: dict[str, Any] | None) -> Overlays | None:
    if value is None:
        return None
    return Overlays(
        str(ipaddress.IPv4Network(value["notebooks"])),
        tuple(str(ipaddress.IPv4Network(one)) for one in value["others"]),
    )


def _match(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError(f"{text!r} is not a usable name")
    return text


def _port(value: int) -> int:
    if type(value) is not int or not 0 < value < 65536:
        raise ValueError(f"{value!r} is not a port")
    return value
