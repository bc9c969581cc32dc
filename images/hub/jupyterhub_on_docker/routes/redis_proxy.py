"""Routes in Redis that reach Traefik by another way than its own provider of Redis: see .server."""

import asyncio
import socket
from urllib.parse import urlsplit

from jupyterhub_traefik_proxy.redis import TraefikRedisProxy
from tornado.httpclient import AsyncHTTPClient, HTTPClientError

from .aliases import AliasedRoutes, alias

EVERYWHERE = 5.0
"""Seconds in which every Traefik has a new route: each asks for routes every second.

Later than that, a person's server is not held up for an entry node that has a problem of its own.
"""

INTERVAL = 0.1
"""Seconds between two questions."""

TIMEOUT = 1.0
"""Seconds for one answer."""


class ServedRedisProxy(AliasedRoutes, TraefikRedisProxy):
    """Looks for its routes in Traefik's API under the provider that Traefik has them from."""

    provider_name = "http"

    async def _wait_for_route(self, routespec: str) -> None:
        """Waits for the route as upstream does, where one Traefik is asked, and then until all have it.

        A person comes in at any entry node: one without the route would send them to the hub.
        """
        await super()._wait_for_route(routespec)
        clock = asyncio.get_running_loop().time
        end = clock() + EVERYWHERE
        while missing := await self._without_route(routespec):
            if clock() > end:
                self.log.warning(
                    "Traefik at %s still has no route for %s",
                    ", ".join(missing),
                    routespec,
                )
                return
            await asyncio.sleep(INTERVAL)

    async def _without_route(self, routespec: str) -> list[str]:
        """Addresses of the Traefiks that answer and do not have the route."""
        route = self.validate_routespec(routespec)
        paths = [
            f"/api/http/{kind}s/{alias(route, kind)}@{self.provider_name}" for kind in ("service", "router")
        ]
        addresses = await self._addresses()
        found = await asyncio.gather(
            *(self._status(address, path) for address in addresses for path in paths)
        )
        of_each = zip(addresses, found[::2], found[1::2], strict=True)
        return [address for address, *statuses in of_each if 404 in statuses]

    async def _addresses(self) -> list[str]:
        """All that the name in the API's address stands for: a Traefik on each entry node."""
        url = urlsplit(self.traefik_api_url)
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                url.hostname, url.port, family=socket.AF_INET, type=socket.SOCK_STREAM
            )
        except OSError:
            return []
        return sorted({str(address[0]) for *_, address in found})

    async def _status(self, address: str, path: str) -> int:
        """Status of an answer of one Traefik, or 0 without any: nobody comes in where none runs."""
        url = urlsplit(self.traefik_api_url)
        try:
            answer = await AsyncHTTPClient().fetch(
                f"{url.scheme}://{address}:{url.port}{path}",
                headers={"Host": url.netloc},
                auth_username=self.traefik_api_username,
                auth_password=self.traefik_api_password,
                connect_timeout=TIMEOUT,
                request_timeout=TIMEOUT,
            )
        except HTTPClientError as error:
            return 0 if error.code == 599 else error.code
        except OSError:
            return 0
        return answer.code
