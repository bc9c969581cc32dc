"""Addresses of servers: asked for anew each time.

Docker gives the address of a name for ten minutes, and aiohttp's usual resolver keeps it that long in the
process: a server that was started again has another one, and the hub would wait at the old one in vain.
"""

import socket

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver


class SystemResolver(AbstractResolver):
    """Asks the C library, which keeps nothing. It may be made before there is an event loop."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return await ThreadedResolver().resolve(host, port, family)

    async def close(self) -> None:
        """Has nothing to close."""
