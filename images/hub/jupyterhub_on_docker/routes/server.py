"""The routes for Traefik, as one document.

Traefik asks again and again. It can watch a file or Redis by itself, but takes whatever is in there for its
configuration, and never hears of a change again when Redis has been gone (traefik#6832). What asks misses
nothing, and keeps what it has while there is no answer.
"""

import asyncio
import logging
from functools import partial
from pathlib import Path
from typing import Protocol
from weakref import WeakKeyDictionary

from aiohttp import web
from redis.asyncio import Redis

from ..secrets import Secrets
from .away import AwayPages
from .settings import FileStore, RoutesSettings
from .stores import FileRoutes, RedisRoutes
from .table import document

TIMEOUT = 2.0
"""Seconds for Redis to answer: under Traefik's own time for the whole."""

HOLD = 2.0
"""Seconds for which an answer that Traefik already has is held back.

So it hears of changes at once, and asks rarely.
"""

LOOK = 0.05
"""Seconds between two looks at a file."""


class Store(Protocol):
    async def text(self) -> str | None:
        """Traefik's configuration, or None while it has to keep what it has."""


class RoutesServer:
    def __init__(self, store: Store, hold: float = 0.0):
        self._store = store
        self._hold = hold
        # What was last sent on a connection. Who connects anew, as a new Traefik does, is answered at once.
        self._sent: WeakKeyDictionary[asyncio.BaseTransport, str] = WeakKeyDictionary()

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/routes.json", self.routes)
        application.router.add_get("/health", self._health)
        return application

    async def routes(self, request: web.Request) -> web.Response:
        clock = asyncio.get_running_loop().time
        connection = request.transport
        sent = None if connection is None else self._sent.get(connection)
        end = clock() + self._hold
        while (text := await self._store.text()) == sent and text is not None and clock() < end:
            await asyncio.sleep(LOOK)
        if text is None:
            return web.Response(status=503)
        if connection is not None:
            self._sent[connection] = text
        return web.Response(text=text, content_type="application/json")

    async def _health(self, _request: web.Request) -> web.Response:
        return web.Response(text="OK")


def run(settings: RoutesSettings, secrets: Secrets) -> None:
    """Serves until it is told to end."""
    logging.basicConfig(level=logging.INFO, format="[%(levelname).1s %(asctime)s %(name)s] %(message)s")
    build = partial(
        document,
        entry_point=settings.entry_point,
        targets=settings.targets,
        away=settings.away.url,
    )
    host, port = settings.address
    if isinstance(settings.store, FileStore):
        server = RoutesServer(FileRoutes(Path(settings.store.path), build), HOLD)
    else:
        redis = Redis.from_url(
            settings.store.url,
            password=secrets.text(settings.store.password),
            decode_responses=True,
            # A route that is no text is refused by itself.
            encoding_errors="replace",
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
        )
        server = RoutesServer(RedisRoutes(redis, build))
    application = server.application()
    AwayPages(settings.away.hub).run_beside(application, *settings.away.address)
    web.run_app(application, host=host, port=port, access_log=None, print=None)
