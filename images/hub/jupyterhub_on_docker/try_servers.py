"""Tries whether people's servers start: one from each image, as this container's hub would start it.

It runs beside the hub, after a change of what servers need. A server that is tried is made with the hub's
settings through the Docker filter, and reaches the hub before it answers. It is nobody's: it has no home, no
row in the database and no route, and it is removed whatever comes of it.
"""

import asyncio
import json
import os
import secrets
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from docker.errors import APIError
from jupyterhub import orm
from jupyterhub.objects import Server
from jupyterhub.user import User
from jupyterhub.utils import AnyTimeoutError, make_ssl_context
from requests import RequestException

from . import adoption, app, trial
from .config import Settings
from .config.profiles import Profile
from .config.spawner import Spawner
from .servers import ends
from .servers.person import PersonalServer
from .servers.profiles import ServerProfiles
from .servers.spawn_error import SpawnError

VERSION = 1
"""Of the answer."""

OWNER = "trial"
"""With eight hexadecimal digits, the name of the nobody whose a server is."""

AT_ONCE = 2
"""Servers that are tried at once."""

SHOWN_LINES = 15

SOMEWHERE = "/tmp"
"""A folder that every image has, in place of a home."""


@dataclass(frozen=True)
class Tried:
    image: str
    profiles: Sequence[str]
    """Names of the profiles with this image; none for servers without a profile."""
    seconds: float
    problem: str | None = None
    """Why it does not start, for an administrator."""
    log: Sequence[str] = ()


def kinds(servers: Spawner) -> list[tuple[str, list[Profile]]]:
    """Each image once, with its profiles. Where there are profiles, every server has one."""
    found: dict[str, list[Profile]] = {} if servers.profiles else {servers.image: []}
    for profile in servers.profiles:
        found.setdefault(profile.image, []).append(profile)
    return list(found.items())


async def try_all(hub: app.Hub) -> list[Tried]:
    """Tries the servers of a hub whose configuration was read; or none, of another spawner."""
    asked = adoption.engine(hub)
    if asked is None:
        return []
    settings: Settings = asked.settings
    room = asyncio.Semaphore(AT_ONCE)

    async def tried(image: str, profiles: list[Profile]) -> Tried:
        async with room:
            return await _try(hub, settings, image, profiles)

    return await asyncio.gather(*(tried(*kind) for kind in kinds(settings.spawner)))


def _spawner(hub: app.Hub, settings: Settings, profile: Profile | None) -> PersonalServer:
    # What JupyterHub notes of a server while it starts, this one notes in memory.
    db = orm.new_session_factory()()
    person = orm.User(name=f"{OWNER}{secrets.token_hex(4)}")
    db.add(person)
    db.commit()
    known = {
        "hub": hub.hub,
        "config": hub.config,
        "base_url": hub.base_url,
        "spawner_class": hub.spawner_class,
        "cookie_options": hub.tornado_settings.get("cookie_options", {}),
    }
    user = User(person, known, db)
    spawner: PersonalServer = user.spawners[""]
    spawner.is_trial = True
    server = orm.Server(base_url=user.base_url)
    db.add(server)
    db.commit()
    spawner.server = Server(orm_server=server)
    spawner.api_token = secrets.token_hex(16)
    if profile is not None:
        environment = hub.config.Spawner.environment
        ServerProfiles(settings.spawner, environment, settings.groups).use(spawner, profile)
    spawner.notebook_dir = SOMEWHERE
    if "HOME" in spawner.environment:
        # Of a home that is not there.
        spawner.environment = {**spawner.environment, "HOME": SOMEWHERE}
    return spawner


async def _try(hub: app.Hub, settings: Settings, image: str, profiles: list[Profile]) -> Tried:
    began = time.monotonic()
    spawner = _spawner(hub, settings, profiles[0] if profiles else None)
    problem: str | None = None
    log: Sequence[str] = ()
    try:
        await _start(spawner)
    except Exception as error:
        log = await _log(spawner)
        told = await spawner.failure(error)
        problem = told.detail if isinstance(told, SpawnError) else str(told)
    finally:
        await _remove(spawner)
    seconds = round(time.monotonic() - began, 1)
    return Tried(image, [profile.name for profile in profiles], seconds, problem, log)


async def _start(spawner: PersonalServer) -> None:
    async with asyncio.timeout(spawner.start_timeout):
        spawner.server.ip, spawner.server.port = await spawner.start()
    try:
        await spawner.server.wait_up(
            http=True, timeout=spawner.http_timeout, ssl_context=make_ssl_context("", ""), extra_path="api"
        )
    except AnyTimeoutError:
        spawner.was_silent = True
        raise


async def _log(spawner: PersonalServer) -> Sequence[str]:
    """The last lines of one that goes on, or was removed when it had ended."""
    if spawner.object_id and not spawner.last_lines:
        with suppress(APIError, RequestException):
            said = await spawner.docker("logs", spawner.object_id, stdout=True, stderr=True, tail=SHOWN_LINES)
            return ends.last_lines(said)[-SHOWN_LINES:]
    return spawner.last_lines[-SHOWN_LINES:]


async def _remove(spawner: PersonalServer) -> None:
    # Whoever asked for the trial removes what an engine in trouble leaves.
    with suppress(APIError, RequestException):
        if spawner.object_type == "container":
            # At once: it has no work to save.
            await spawner.docker("remove_container", spawner.object_name, v=True, force=True)
        else:
            await spawner.remove_object()


async def _run() -> list[Tried]:
    # Extra configuration leaves out what must not be done twice.
    os.environ[trial.VARIABLE] = "true"
    hub = app.Hub.instance()
    hub.parse_command_line(["--config", str(Path(__file__).with_name("jupyterhub_config.py"))])
    hub.load_config_file(hub.config_file)
    hub.init_hub()
    os.chdir(SOMEWHERE)
    return await try_all(hub)


def main() -> None:
    """The command `try-servers`: standard output is for the answer, whoever prints there."""
    answer = os.dup(1)
    os.dup2(2, 1)
    tried = asyncio.run(_run())
    sys.stdout.flush()
    text = json.dumps({"version": VERSION, "servers": [asdict(one) for one in tried]})
    os.write(answer, f"{text}\n".encode())
    # Threads of extra configuration do not keep it.
    os._exit(0)
