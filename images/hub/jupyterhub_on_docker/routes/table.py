"""Traefik's configuration for what the hub has noted.

The hub says of each route where it begins and where it leads to, and nothing else of what it writes is read:
no rule, no middleware, no priority, nothing of TLS. So a hub that was taken over cannot get around the limits
of the edge, serve certificates, open Traefik's API, or have it ask other hosts. Pure.
"""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from ..paths import NOTEBOOK_PORT
from ..servers.object_names import LONGEST_SERVICE, is_server_name
from . import page_loads, rules
from .aliases import alias
from .away import kind
from .settings import Targets

MOST = 20_000
"""Routes."""

LARGEST_TEXT = 32 * 1024 * 1024
"""Characters of the whole text: room for ten thousand servers whose names are the longest in common use."""

CACHED = 200
"""Characters of the longest route whose rule is kept, so that what is kept is bounded."""

LONGEST = 8192
"""Characters of a route: two names of 255 characters of four bytes each, escaped."""

LONGEST_TARGET = 2048
"""Characters of a target."""

_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}")
# As addresses have it: JupyterHub escapes names.
_PATH = re.compile(r"(?:[A-Za-z0-9._~@/:!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*")


class Refused(ValueError):
    """Why a route is not served."""


def document(noted: object, entry_point: str, targets: Targets | None, away: str) -> tuple[str, list[str]]:
    """Text for Traefik, and what was left out of it and why.

    @param away: address of the page for what is away
    """
    routers: dict[str, Any] = {}
    services: dict[str, Any] = {}
    loads: dict[str, page_loads.Load] = {}
    refused: list[str] = []
    size = 0
    if not isinstance(noted, Mapping):
        noted = {}
    for name, route in sorted(noted.items(), key=lambda item: str(item[0])):
        try:
            if len(routers) == MOST:
                raise Refused(f"more than {MOST} routes")
            where = _text(route, "routespec", LONGEST)
            url = target(_text(route, "target", LONGEST_TARGET), targets)
            router, service, matching = (_kept if len(where) <= CACHED else _router)(where)
            # Backslashes are two in JSON; the rest is what stands around names and rule.
            # Each is there twice: for page loads, and for all else.
            size += 2 * (len(matching) + matching.count("\\") + len(url))
            size += len(router) + 2 * len(service) + len(away) + page_loads.SIZE + 200
            if size > LARGEST_TEXT:
                raise Refused(f"more than {LARGEST_TEXT} characters of routes")
            routers[router] = {"rule": matching, "entryPoints": [entry_point], "service": service}
            services[service] = {"loadBalancer": {"servers": [{"url": url}], "passHostHeader": True}}
            loads[router] = page_loads.Load(matching, url, f"{away}/{kind(where)}")
        except Refused as reason:
            refused.append(f"{str(name)[:100]!r}: {reason}")
    # Traefik takes no empty maps.
    if not routers:
        return "{}", refused
    pages = page_loads.configuration(list(loads.values()), entry_point)
    http = {
        **pages,
        "routers": {**routers, **pages["routers"]},
        "services": {**services, **pages["services"]},
    }
    return json.dumps({"http": http}, sort_keys=True), refused


def _text(route: object, key: str, longest: int) -> str:
    value = route.get(key) if isinstance(route, Mapping) else None
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise Refused(f"expected a {key} of at most {longest} characters")
    return value


def _router(routespec: str) -> tuple[str, str, str]:
    """Names of a route's router and service, by which the hub asks Traefik for them, and its rule."""
    router, service = (alias(routespec, kind) for kind in ("router", "service"))
    return router, service, rule(routespec)


_kept = lru_cache(maxsize=MOST)(_router)


def rule(routespec: str) -> str:
    """The rule for what is at `[host]/path/` and below it."""
    host, slash, path = routespec.partition("/")
    if not slash or (not path.endswith("/") and path):
        raise Refused("expected a route that ends with /")
    if host and not _HOST.fullmatch(host):
        raise Refused("expected a host name")
    if not _PATH.fullmatch(path):
        raise Refused("expected a percent-encoded path")
    return rules.rule(routespec)


def target(url: str, targets: Targets | None) -> str:
    """Where a route leads to, as scheme, host and port."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused("expected an address as http://host:port") from None
    host = parts.hostname
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        raise Refused("expected an address as http://host:port")
    if not (_HOST.fullmatch(host) or _address(host)):
        raise Refused("expected an address as http://host:port")
    if targets is not None and not _allowed(host, port, targets):
        raise Refused(f"{host} is neither a notebook server, the hub nor a service of the configuration")
    host = f"[{host}]" if ":" in host else host
    return SplitResult(parts.scheme, host if port is None else f"{host}:{port}", "", "", "").geturl()


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _allowed(host: str, port: int | None, targets: Targets) -> bool:
    if host in targets.names:
        return True
    if port != NOTEBOOK_PORT:
        return False
    address = _address(host)
    if address is None:
        return _is_server(host, targets.servers)
    return any(address.version == network.version and address in network for network in targets.networks)


def _is_server(host: str, beginning: str | None) -> bool:
    """Whether a host is the service of a notebook server: one label, since a name of more is anybody's."""
    if beginning is None or not host.startswith(beginning):
        return False
    return len(host) <= LONGEST_SERVICE and is_server_name(host.removeprefix(beginning))
