"""Where routes are noted by the hub, and read for Traefik."""

import asyncio
import json
import logging
import os
import stat
import tomllib
from collections.abc import Callable
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError

from .table import LONGEST

log = logging.getLogger("routes")

LARGEST = 8 * 1024 * 1024
"""Bytes of a file with routes: room for ten thousand."""

SLICE = 1000
"""Values that Redis is asked for at once."""

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
        self._building = asyncio.Lock()
        # Before there is a file nobody has a server.
        self._text = build({})[0]

    async def text(self) -> str | None:
        # Who asks while it is built waits: what was before may be from before the start.
        async with self._building:
            seen = [self._version(path) for path in (self._path, self._path.with_name(BEFORE))]
            if seen != self._seen:
                # In a thread: many routes take a while, and others are answered meanwhile.
                await asyncio.to_thread(self._take)
                self._seen = seen
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
            log.warning("%s cannot be read; Traefik keeps its current routes: %.200s", self._path.name, error)
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
        self._building = asyncio.Lock()
        self._noted: object = None
        self._text: str | None = None

    async def text(self) -> str | None:
        # One at a time: each Traefik asks every second.
        async with self._building:
            try:
                noted = await self._read()
            except (RedisError, OSError) as error:
                log.warning("no answer from Redis: %s", error)
                return None
            except ValueError as error:
                log.warning("Redis cannot be read; Traefik keeps its current routes: %.200s", error)
                return None
            return await self._built(noted)

    async def _read(self) -> dict[str, dict[str, str]]:
        """What is noted, no more of a value than is looked at; ValueError where it is too much in all."""
        keys, size = [], 0
        async for key in self._redis.scan_iter(match=f"{self.ROOT}*", count=1000):
            size += len(key)
            if size > LARGEST:
                raise ValueError(f"expected at most {LARGEST} bytes of names")
            if key.removeprefix(self.ROOT).partition("/")[2] in ("routespec", "target"):
                keys.append(key)
        noted: dict[str, dict[str, str]] = {}
        size = 0
        for at in range(0, len(keys), SLICE):
            some = keys[at : at + SLICE]
            pipeline = self._redis.pipeline(transaction=False)
            for key in some:
                pipeline.getrange(key, 0, LONGEST)
            values = await pipeline.execute(raise_on_error=False)
            for key, value in zip(some, values, strict=True):
                if isinstance(value, RedisError) and not str(value).startswith("WRONGTYPE"):
                    raise value
                # Nothing, or something that is no text.
                if not isinstance(value, str) or not value:
                    continue
                size += len(value)
                if size > LARGEST:
                    raise ValueError(f"expected at most {LARGEST} bytes of routes")
                name, _, field = key.removeprefix(self.ROOT).partition("/")
                noted.setdefault(name, {})[field] = value
        return noted

    async def _built(self, noted: dict[str, dict[str, str]]) -> str | None:
        if not noted:
            # A store that was lost. The hub fills it again; until then Traefik keeps what it has.
            return None
        if noted == self._noted:
            return self._text
        text, refused = await asyncio.to_thread(self._build, noted)
        self._noted, self._text = noted, text
        if refused != self._refused:
            self._refused = refused
            for line in refused[:20]:
                log.warning("route %s", line)
        return text
