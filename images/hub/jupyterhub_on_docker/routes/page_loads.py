"""Traefik's rules for a browser's page loads: where it gets no connection, the browser gets a page.

Answers of the hub and of servers go to the browser as they are, 502 and 504 as well. Traefik's own answer, if
a connection failed, has the same status. Only its middleware `retry` tells them apart: it tries again if
nothing was sent yet. The second attempt gets the page, since the first one marked the target as down. Pure.
"""

from typing import Any, NamedTuple

from .away import HEADER

NAME = "page-loads"
"""Of the router that all page loads go through, its middleware and the way to their targets."""

SIZE = 700
"""Characters of a route's router and service, without rule and addresses."""

PRIORITY = 1_000_000
"""Over every priority that a rule gets from its length, under those of components/proxy/edge.ts."""

# Not frames, which are parts of pages. Old browsers, and all without TLS, do not say what a request is for;
# their page loads ask for XHTML too, unlike most programs that ask for HTML.
RULE = " || ".join(
    [
        "Method(`GET`) && Header(`Sec-Fetch-Dest`, `document`)",
        "Method(`GET`) && HeaderRegexp(`Accept`, `^text/html,application/xhtml`) && "
        "!HeaderRegexp(`Sec-Fetch-Dest`, `.`)",
        # The page itself, which asks whether it is still needed.
        f"Method(`HEAD`) && Header(`{HEADER}`, `check`)",
    ]
)

ATTEMPTS = 8
"""Two, and more where the second comes so late that the target is up again."""

DOWN = "10ms"
"""How long a target is down after an attempt: for the next one alone.

An answer of 500 and more counts as a failure too, so that page loads in the next moment get the page.
"""

DIAL = "1500ms"
"""For a connection. Nobody answers for a stopped container; Linux tries again after a second."""

FIRST = 10**15
"""Weight of the target: by chance one address in as many is sent to the page."""


class Load(NamedTuple):
    """A route for page loads: its rule, where it leads to, and the page instead."""

    rule: str
    url: str
    page: str


def configuration(loads: list[Load], entry_point: str) -> dict[str, Any]:
    """Traefik's routers, services and so on for these routes."""
    routers: dict[str, Any] = {
        NAME: {"rule": RULE, "priority": PRIORITY, "entryPoints": [entry_point], "middlewares": [NAME]}
    }
    services: dict[str, Any] = {}
    for at, load in enumerate(loads):
        # Below one router: other requests are not compared with these rules.
        routers[f"page-{at}"] = {"rule": load.rule, "parentRefs": [NAME], "service": f"page-{at}"}
        services[f"page-{at}"] = {"loadBalancer": _target_or_page(load)}
    return {
        "routers": routers,
        "services": services,
        "middlewares": {NAME: {"retry": {"attempts": ATTEMPTS}}},
        "serversTransports": {
            # A new connection for each: one that was kept may lead to a machine that is gone.
            NAME: {"maxIdleConnsPerHost": -1, "forwardingTimeouts": {"dialTimeout": DIAL}}
        },
    }


def _target_or_page(load: Load) -> dict[str, Any]:
    return {
        "strategy": "hrw",
        "servers": [
            {"url": load.url, "weight": FIRST},
            # Below the path of its address: what is away is part of it.
            {"url": load.page, "weight": 1, "preservePath": True},
        ],
        "passHostHeader": True,
        "passiveHealthCheck": {"maxFailedAttempts": 1, "failureWindow": DOWN},
        "serversTransport": NAME,
    }
