"""Where routes are noted by the hub, and read for Traefik."""

import json
import logging
import os
import stat
import tomllib
from collections.abc import Callable
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError

log = logging.getLogger("routes")

LARGEST = 8 * 1024 * 1024
"""Bytes of a file with routes: room for ten thousand."""

BEFORE = "hub.toml"
"""The file that earlier versions wrote, for Traefik itself."""

Build = Callable[[object], tuple[str, list[str]]]
"""Makes Traefik's text of the noted routes, and says what was left out."""


def read_noted(path: Path) -> object:
    """The routes in a file of the hub, or in that of an earlier version beside it.

    Whoever has taken over the hub chooses what is there: no link is followed, and nothing is waited for.
    """
    try:
        content = _read(path)
    except FileNotFoundError:
        return tomllib.loads(_read(path.with_name(BEFORE)).decode())["jupyterhub"]["routes"]
    return json.loads(content)["routes"]


def _read(path: Path) -> bytes:
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(file, "rb") as stream:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise ValueError("expected a file")
        content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError(f"expected at most {LARGEST} bytes")
    return content


class FileRoutes:
    """Routes that the hub notes in a file."""

    def __init__(self, path: Path, build: Build):
        self._path = path
        self._build = build
        self._seen: object = ()
        # Before there is a file nobody has a server.
        self._text = build({})[0]

    async def text(self) -> str | None:
        seen = [self._version(path) for path in (self._path, self._path.with_name(BEFORE))]
        if seen != self._seen:
            self._seen = seen
            self._take()
        return self._text

    def _version(self, path: Path) -> object:
        try:
            found = path.lstat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _take(self) -> None:
        try:
            noted = read_noted(self._path)
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            log.warning("%s cannot be read, Traefik keeps what it has: %.200s", self._path.name, error)
            return
        self._text, refused = self._build(noted)
        for line in refused[:20]:
            log.warning("route %s", line)


class RedisRoutes:
    """Routes that the hub notes in Redis."""

    ROOT = "jupyterhub/routes/"

    def __init__(self, redis: Redis, build: Build):
        self._redis = redis
        self._build = build
        self._refused: list[str] = []

    async def text(self) -> str | None:
        try:
            keys = [key async for key in self._redis.scan_iter(match=f"{self.ROOT}*", count=1000)]
            values = await self._redis.mget(keys) if keys else []
        except (RedisError, OSError) as error:
            log.warning("no answer from Redis: %s", error)
            return None
        noted: dict[str, dict[str, str]] = {}
        for key, value in zip(keys, values, strict=True):
            name, _, field = key.removeprefix(self.ROOT).partition("/")
            if field in ("routespec", "target") and value is not None:
                noted.setdefault(name, {})[field] = value
        if not noted:
            # A store that was lost. The hub fills it again; until then Traefik keeps what it has.
            return None
        text, refused = self._build(noted)
        if refused != self._refused:
            self._refused = refused
            for line in refused[:20]:
                log.warning("route %s", line)
        return text
