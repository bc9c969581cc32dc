"""The routes for all replicas of Traefik: read from Redis at each question, and given as one document.

Traefik can watch Redis by itself, but when Redis has been gone, with its node or by a restart, it never hears
of a change again (traefik#6832). What asks every second misses nothing, and keeps what it has while there is
no answer.
"""

import json
import logging
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field
from redis.asyncio import Redis
from redis.exceptions import RedisError

from ..config.base import NotEmpty, Section
from ..secrets import Secrets

log = logging.getLogger("routes")

ROOT = "traefik"
TIMEOUT = 2.0
"""Seconds for Redis to answer: under Traefik's own time for the whole."""


class RoutesSettings(Section):
    version: Literal[1]
    redis_url: Annotated[str, Field(pattern=r"^redis://")]
    listen: Annotated[str, Field(pattern=r"^[^:]+:\d{1,5}$")]
    password: NotEmpty
    """Name of the secret with the password of Redis."""


def tree(pairs: list[tuple[str, str]]) -> dict:
    """Keys with slashes as a tree; one whose keys are 0, 1, … is a list."""
    root: dict = {}
    for key, value in sorted(pairs):
        *parents, last = key.split("/")
        place = root
        for part in parents:
            place = place.setdefault(part, {})
        place[last] = value
    return _lists(root)


def _lists(node):
    if not isinstance(node, dict):
        return node
    if node and all(key.isdigit() for key in node):
        return [_lists(node[key]) for key in sorted(node, key=int)]
    return {key: _lists(value) for key, value in node.items()}


class Routes:
    def __init__(self, redis: Redis):
        self._redis = redis

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/routes.json", self._routes)
        application.router.add_get("/health", self._health)
        return application

    async def _routes(self, _request: web.Request) -> web.Response:
        try:
            keys = [key async for key in self._redis.scan_iter(match=f"{ROOT}/*", count=1000)]
            values = await self._redis.mget(keys) if keys else []
        except (RedisError, OSError) as error:
            log.warning("no answer from Redis: %s", error)
            return web.Response(status=503)
        pairs = [(key, value) for key, value in zip(keys, values, strict=True) if value is not None]
        routes = tree(pairs).get(ROOT, {})
        if not routes.get("http", {}).get("routers"):
            # A store that was lost. The hub fills it again; until then Traefik keeps what it has.
            return web.Response(status=503)
        return web.Response(text=json.dumps(routes, sort_keys=True), content_type="application/json")

    async def _health(self, _request: web.Request) -> web.Response:
        return web.Response(text="OK")


def run(settings: RoutesSettings, secrets: Secrets) -> None:
    """Serves until it is told to end."""
    logging.basicConfig(level=logging.INFO, format="[%(levelname).1s %(asctime)s %(name)s] %(message)s")
    redis = Redis.from_url(
        settings.redis_url,
        password=secrets.text(settings.password),
        decode_responses=True,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
    )
    host, _, port = settings.listen.rpartition(":")
    web.run_app(Routes(redis).application(), host=host, port=int(port), access_log=None, print=None)
