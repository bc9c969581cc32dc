"""Stops people's servers for `./hub servers stop`, which asks from inside the hub's container."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

from jupyterhub.handlers import BaseHandler
from tornado.web import HTTPError

from .. import inside
from ..rights.servers import AT_ONCE

PURPOSE = "stop-servers"


class StopServers(BaseHandler):
    """Takes `{"user": NAME or null for all, "server": NAME or null for all of that person's}`."""

    def check_xsrf_cookie(self) -> None:
        """Browsers do not send the login that is asked for here."""

    async def post(self) -> None:
        given = self.request.headers.get("Authorization", "")
        if not inside.fits(given, self.settings["cookie_secret"], PURPOSE):
            raise HTTPError(404)
        wanted = json.loads(self.request.body)
        chosen = list(self._servers(wanted["user"], wanted["server"]))
        turns = asyncio.Semaphore(AT_ONCE)
        problems = await asyncio.gather(*(self._stop(user, name, turns) for user, name in chosen))
        self.finish(
            {
                "version": 1,
                "servers": [
                    {"user": user.name, "server": name, "problem": problem}
                    for (user, name), problem in zip(chosen, problems, strict=True)
                ],
            }
        )

    def _servers(self, owner: str | None, server: str | None) -> Iterator[tuple[Any, str]]:
        # The hub has everybody with a server among these.
        for user in list(self.users.values()):
            if owner is None or user.name == owner:
                for name, spawner in list(user.spawners.items()):
                    if spawner.active and (server is None or name == server):
                        yield user, name

    async def _stop(self, user: Any, name: str, turns: asyncio.Semaphore) -> str | None:
        """Why it does not stop; None where it has stopped."""
        spawner = user.spawners[name]
        try:
            if spawner.pending:
                return f"it is not possible now, its {spawner.pending} is under way"
            async with turns:
                await self.stop_single_user(user, name)
                # JupyterHub waits for ten seconds.
                if spawner._stop_future is not None:
                    await spawner._stop_future
            if spawner.active:
                return "it is still stopping"
            # JupyterHub forgets a server that could not be stopped, and writes the reason to its log.
            return "it still runs: see the hub's log" if await spawner.poll() is None else None
        # What came of the others is told all the same.
        except Exception as error:
            self.log.exception("Could not stop %s", spawner._log_name)
            return str(error) or type(error).__name__
