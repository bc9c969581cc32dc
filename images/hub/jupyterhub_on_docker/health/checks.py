"""Health checks, run in the containers that they check. Standard library only: they run every few seconds.

Health decides when a container is restarted, and so asks it for a sign of life only. Whether the hub can do
its work is another question: see `readiness`.
"""

import json
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from .. import paths

TIMEOUT = 4.0
"""Seconds: under the health checks' own timeout, so that what is wrong can still be said."""


def hub() -> str | None:
    """What is wrong with the hub of this container, or nothing."""
    base_url = json.loads(Path(paths.SETTINGS).read_bytes())["hub"]["baseUrl"]
    return _wrong(paths.HUB_PORT, f"{base_url}hub/health")


def docker_filter() -> str | None:
    """What is wrong with the filter of this container, or with the engine behind it, or nothing."""
    listen = json.loads(Path(paths.FILTER_SETTINGS).read_bytes())["listen"]
    return _wrong(int(listen.rpartition(":")[2]), "/_ping")


def egress() -> str | None:
    """What is wrong with the egress proxy of this container, or nothing."""
    listen = json.loads(Path(paths.EGRESS_SETTINGS).read_bytes())["listen"]
    # Nobody asks, and so it refuses.
    return _wrong(int(listen.rpartition(":")[2]), "http://health/", 407)


def routes() -> str | None:
    """What is wrong with the server of routes in this container, or nothing."""
    listen = json.loads(Path(paths.ROUTES_SETTINGS).read_bytes())["listen"]
    return _wrong(int(listen.rpartition(":")[2]), "/health")


def _wrong(port: int, path: str, expected: int = 200) -> str | None:
    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    try:
        connection.request("GET", path)
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        return f"no answer from port {port}: {error}"
    finally:
        connection.close()
    return None if status == expected else f"answer {status} to GET {path} on port {port}"


CHECKS = {"hub": hub, "docker-filter": docker_filter, "egress": egress, "routes": routes}
