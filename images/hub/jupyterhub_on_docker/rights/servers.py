"""Servers of people who may not have them any more, or not with what is mounted in them."""

import asyncio
import logging

from jupyterhub import orm
from jupyterhub.app import JupyterHub
from jupyterhub.spawner import Spawner

from . import memory

log = logging.getLogger("jupyterhub_on_docker.rights")

AT_ONCE = 10
"""Servers that are stopped at the same time."""

PAUSE = 0.5
"""Seconds between two looks at a server that is still starting."""

_later: "set[asyncio.Task[None]]" = set()
"""What is done once servers have started: a task that nobody holds may be forgotten."""


async def stop_servers(app: JupyterHub) -> list[str]:
    """Stops servers of people who lost their access, and those with a folder that their people lost.

    Nobody reaches a server without access, but what runs in it would go on. Returns the names of the servers.
    """
    found = memory.load(app.db)
    out = found.stop if found else frozenset()
    limit = asyncio.Semaphore(AT_ONCE)

    async def look(spawner: Spawner) -> str | None:
        async with limit:
            try:
                reason = "may not log in" if spawner.user.name in out else await _lost(spawner)
                if reason is None:
                    return None
                if spawner.pending:
                    failed.add(spawner.user.name)
                    _once_started(app, spawner)
                    return None
                log.warning("Stopping server %s: its owner %s", spawner._log_name, reason)
                await _stop(app, spawner)
                return str(spawner._log_name)
            except Exception:
                log.exception("Could not check server %s", spawner._log_name)
                failed.add(spawner.user.name)
                return None

    failed: set[str] = set()
    stopped = await asyncio.gather(*(look(spawner) for spawner in _running(app)))
    if found and found.stop:
        # Who could not be stopped is tried again: at the next start, or once their server has started.
        memory.save(app.db, found.model_copy(update={"stop": found.stop & failed}))
        app.db.commit()
    return [name for name in stopped if name]


def _running(app: JupyterHub) -> list[Spawner]:
    query = app.db.query(orm.Spawner).filter(orm.Spawner.server != None)  # noqa: E711
    return [app.users[one.user].spawners[one.name] for one in query]


async def _lost(spawner: Spawner) -> str | None:
    """What is mounted in a running server and would not be in a new one, in words; None for nothing."""
    held = getattr(spawner, "lost_folders", None)
    lost = await held() if held else []
    return f"no longer has a right to {', '.join(lost)}" if lost else None


async def _stop(app: JupyterHub, spawner: Spawner) -> None:
    user, name = spawner.user, spawner.name
    await user.stop(name)
    # At a start the proxy's routes are looked through when all servers are known.
    if app._start_future.done():
        await app.proxy.delete_user(user, name)


def _once_started(app: JupyterHub, spawner: Spawner) -> None:
    """Looks at the servers again once one has started: stopped in the middle of that, it would go on.

    Nobody waits for it: a start may take minutes.
    """

    async def look_again() -> None:
        while spawner.pending:
            await asyncio.sleep(PAUSE)
        await stop_servers(app)

    task = asyncio.ensure_future(look_again())
    _later.add(task)
    task.add_done_callback(_later.discard)
