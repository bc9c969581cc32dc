"""Whether the hub can do its work: database, reverse proxy, way to Docker, disk.

Health is another question, and decides when a container is restarted: there the hub is asked for a sign of
life, and nothing else. A restart brings back no database, and a hub whose way to Docker is cut still lets
people into the servers that run. Readiness restarts nothing. `./up` and `./hub check` ask for it.

The hub looks once a minute as well, so that it can be told since when something fails, and its log has a line
when that begins and one when it is over.
"""

import asyncio
import json
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import quote

import docker
import requests
from docker.errors import DockerException
from jupyterhub.handlers import BaseHandler
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from tornado.ioloop import PeriodicCallback
from tornado.web import HTTPError

from .. import inside
from ..config import Settings
from ..database import connection
from ..errors import SettingsError
from ..secrets import Secrets
from . import ask_ready

INTERVAL = 60.0
"""Seconds between two looks that nobody asked for: one takes a processor some milliseconds."""

TIMEOUT = 4
"""Seconds for a part to answer."""

FREE = 100 * 1024**2
"""Bytes that have to be free where the hub's data are."""

Look = Callable[[], str | None]
"""What is wrong with a part, or nothing. It runs in a thread."""

Log = logging.Logger | logging.LoggerAdapter[logging.Logger]


def _database(settings: Settings, secrets: Secrets) -> str | None:
    url = connection.address(settings.database, secrets)
    question = "SELECT version_num FROM alembic_version"
    try:
        if connection.is_sqlite(url):
            # A file that is gone would be made anew, empty, while the hub goes on with the deleted one.
            name = f"file:{quote(str(connection.file_of(url)))}?mode=rw"
            with closing(sqlite3.connect(name, uri=True, timeout=TIMEOUT)) as database:
                database.execute(question).fetchone()
        else:
            with connection.connect(url).connect() as server:
                server.execute(text(question))
    except SQLAlchemyError as error:
        return connection.reason(error)
    except sqlite3.Error as error:
        return f"{connection.file_of(url)}: {error}"
    return None


def _proxy(settings: Settings, secrets: Secrets) -> str | None:
    proxy = settings.proxy
    login = (proxy.api_user, secrets.text("proxy_api_password"))
    try:
        status = requests.get(f"{proxy.api_url}/api/version", auth=login, timeout=TIMEOUT).status_code
    except requests.RequestException as error:
        return f"no answer from {proxy.api_url}: {_innermost(error)}"
    return None if status == 200 else f"answer {status} from {proxy.api_url}"


def _docker(settings: Settings) -> str | None:
    host = settings.docker.host
    try:
        # It asks for the engine's version: any other may be too old or too new for the engine.
        docker.APIClient(base_url=host, version="auto", timeout=TIMEOUT).close()
    except (DockerException, requests.RequestException) as error:
        return f"no answer from {host}: {_innermost(error)}"
    return None


def _innermost(error: BaseException) -> str:
    """The cause in few words: libraries wrap it in the names of their classes."""
    while isinstance(inner := error.__cause__ or error.__context__, Exception):
        error = inner
    return getattr(error, "strerror", None) or str(error)


def _disk(settings: Settings) -> str | None:
    folder = settings.hub.data_dir
    found = os.statvfs(folder)
    free = found.f_bavail * found.f_frsize
    if found.f_flag & os.ST_RDONLY:
        return f"{folder} can only be read"
    if free < FREE:
        return f"{free // 1024**2} MiB are free in {folder}, expected {FREE // 1024**2} at least"
    # Some file systems do not count files.
    if found.f_files > 0 and found.f_favail == 0:
        return f"no more files fit into {folder}: it has no inodes left"
    return None


def looks(settings: Settings, secrets: Secrets) -> dict[str, Look]:
    """The parts, each with its look."""
    return {
        "database": lambda: _database(settings, secrets),
        "proxy": lambda: _proxy(settings, secrets),
        "docker": lambda: _docker(settings),
        "disk": lambda: _disk(settings),
    }


@dataclass(frozen=True)
class Failure:
    problem: str
    since: datetime


class Readiness:
    """What is wrong with each part, and since when."""

    def __init__(
        self,
        parts: Mapping[str, Look],
        log: Log,
        clock: Callable[[], float] = time.time,
        timeout: float = TIMEOUT + 1,
    ):
        self._parts = parts
        self._log = log
        self._clock = clock
        self._timeout = timeout
        self._failures: dict[str, Failure] = {}

    async def look(self) -> dict[str, Failure | None]:
        """Looks at all parts at the same time."""
        begun = datetime.fromtimestamp(self._clock(), UTC)
        problems = await asyncio.gather(*(self._ask(name) for name in self._parts))
        for name, problem in zip(self._parts, problems, strict=True):
            self._note(name, problem, begun)
        return {name: self._failures.get(name) for name in self._parts}

    async def _ask(self, name: str) -> str | None:
        try:
            return await asyncio.wait_for(asyncio.to_thread(self._parts[name]), self._timeout)
        except TimeoutError:
            return f"no answer in {self._timeout:g} s"
        except (SettingsError, OSError) as error:
            return str(error)

    def _note(self, name: str, problem: str | None, begun: datetime) -> None:
        before = self._failures.pop(name, None)
        if problem is not None:
            self._failures[name] = Failure(problem, before.since if before else begun)
            if before is None:
                self._log.error("Not ready: %s: %s", name, problem)
        elif before is not None:
            self._log.warning("Ready again: %s failed since %s", name, _iso(before.since))


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class _Watched:
    """What the configuration has the hub of this process look at."""

    parts: ClassVar[Mapping[str, Look]] = {}


def watch(settings: Settings, secrets: Secrets) -> None:
    """Has the hub that is made next look at what these settings lead to."""
    _Watched.parts = looks(settings, secrets)


def tornado_settings(log: Log) -> dict[str, Any]:
    """What `Ready` needs."""
    return {"readiness": Readiness(_Watched.parts, log)}


def keep_looking(readiness: Readiness, interval: float = INTERVAL) -> PeriodicCallback:
    """Looks again and again in this event loop, the first time after `interval` seconds."""
    callback = PeriodicCallback(readiness.look, interval * 1000)
    callback.start()
    return callback


class Ready(BaseHandler):
    """Answers who can read the hub's secrets: `jupyterhub-on-docker ready`. Others find no such page."""

    async def get(self) -> None:
        readiness: Readiness = self.settings["readiness"]
        given = self.request.headers.get("Authorization", "")
        if not inside.fits(given, self.settings["cookie_secret"], ask_ready.PURPOSE):
            raise HTTPError(404)
        found = await readiness.look()
        parts = {
            name: failure and {"problem": failure.problem, "since": _iso(failure.since)}
            for name, failure in found.items()
        }
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps({"version": 1, "parts": parts}))
