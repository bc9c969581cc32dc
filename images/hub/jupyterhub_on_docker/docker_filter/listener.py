"""Listens for the filter: few connections at a time, each with a request that comes soon and is small.

Whoever has taken over the hub could otherwise fill the filter's memory, and with it stop everybody's spawns.
"""

import asyncio
import logging
import socket
from typing import cast

from aiohttp import web
from aiohttp.web_exceptions import HTTPRequestEntityTooLarge
from aiohttp.web_protocol import RequestPayloadError

from .denied import Denied

log = logging.getLogger("docker-filter")
_silent = logging.getLogger("docker-filter.http")
_silent.setLevel(logging.CRITICAL + 1)

CONNECTIONS = 64
"""At a time. The hub has one or two, and one more for each server that is being stopped."""

BODY_LIMIT = 512 * 1024
"""Bytes of any body; the largest is an archive of folders."""

BODY_TIMEOUT = 30.0
"""Seconds in which a body has to be there."""

IDLE = 120.0
"""Seconds in which the next request has to be there."""

HEAD_LINE = 8190
"""Bytes of a line of a request's head."""


def runner(application: web.Application) -> web.AppRunner:
    """How the filter's application is served."""
    return web.AppRunner(
        application,
        access_log=None,
        # What is no HTTP is answered so; a line of the log with a traceback for each would fill the disk.
        logger=_silent,
        # What is packed is denied: unpacked it could be of any size.
        auto_decompress=False,
        max_line_size=HEAD_LINE,
        max_field_size=HEAD_LINE,
        keepalive_timeout=IDLE,
        shutdown_timeout=5,
    )


class Malformed(Exception):
    """A request that is none; the message says why."""


class _Refused(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.Transport, transport).abort()


async def listen(served: web.AppRunner, host: str, port: int) -> asyncio.Server:
    """Listens for an application that is set up; connections over the limit are cut."""
    loop = asyncio.get_running_loop()
    server = served.server
    assert server is not None, "the runner has to be set up first"

    def accept() -> asyncio.Protocol:
        if len(server.connections) >= CONNECTIONS:
            log.warning("refused a connection: %i are already open", CONNECTIONS)
            return _Refused()
        return server()

    return await loop.create_server(accept, host, port, family=socket.AF_INET, backlog=CONNECTIONS)


async def body_of(request: web.Request) -> bytes:
    """The body of a request. Raises Denied or Malformed."""
    if "Content-Encoding" in request.headers:
        raise Malformed("compressed bodies are not accepted")
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            return await request.read()
    except HTTPRequestEntityTooLarge:
        raise Denied(f"body has more than {BODY_LIMIT} bytes") from None
    except TimeoutError:
        raise Malformed(f"body did not arrive within {BODY_TIMEOUT:.0f} s") from None
    except RequestPayloadError:
        raise Malformed("body does not match its headers") from None
