"""Names of routers and services, by which the hub asks Traefik whether it has a route."""

import hashlib
from functools import lru_cache

from jupyterhub_traefik_proxy import traefik_utils
from jupyterhub_traefik_proxy.proxy import TraefikProxy
from tornado.httpclient import HTTPClientError

LONGEST = 1000
"""Characters. Traefik reads YAML, in which a key of more than 1,024 makes the whole text unreadable."""


def alias(routespec: str, kind: str) -> str:
    """The name of a route's `router` or `service`: upstream's, or a hash in the place of a long one."""
    # Nothing becomes shorter by being escaped.
    plain = f"{kind}_{_escaped(routespec)}" if len(routespec) <= LONGEST else None
    if plain is not None and len(plain) <= LONGEST:
        return plain
    # No other: upstream's end with an escaped slash.
    return f"{kind}_{hashlib.sha256(routespec.encode()).hexdigest()}"


@lru_cache(maxsize=16)
def _escaped(routespec: str) -> str:
    return str(traefik_utils.generate_alias(routespec))


class AliasedRoutes(TraefikProxy):
    """To be put before a proxy class: waits for routes by these names."""

    async def _check_for_traefik_service(self, routespec: str, kind: str) -> bool:
        name = alias(self.validate_routespec(routespec), kind)
        try:
            await self._traefik_api_request(f"/api/http/{kind}s/{name}@{self.provider_name}")
        except HTTPClientError as error:
            if error.code != 404:
                self.log.error("Traefik gave no answer about the %s of %s: %s", kind, routespec, error)
            return False
        except OSError as error:
            self.log.error("Traefik cannot be asked about the %s of %s: %s", kind, routespec, error)
            return False
        return True
