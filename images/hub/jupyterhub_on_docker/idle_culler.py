"""Stops idle and old servers: jupyterhub-idle-culler, with times of their own for groups and profiles.

Run by the hub as a service of its own: `python -m jupyterhub_on_docker.idle_culler SETTINGS`.
"""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jupyterhub_idle_culler
from tornado.httpclient import AsyncHTTPClient, HTTPClientError

from . import paths, settings_file
from .config import Group, Idle, IdleException, Settings
from .errors import SettingsError
from .names.in_settings import with_hub_names

log = logging.getLogger("idle-culler")

SLICE = 5.0
"""Seconds between two looks at the time of the file with people's settings."""

FOREVER = 100 * 365 * 24 * 3600
"""Seconds: a limit that nothing reaches."""


class Limits:
    """The times of servers, with the groups' members as they are now."""

    def __init__(self, idle: Idle, members: dict[str, frozenset[str]]):
        self._idle = idle
        self._members = members

    def of(self, user: str, profile: str | None) -> tuple[int | None, int | None]:
        """Idle time and age, in seconds, at which a server is stopped; None for never.

        Where several exceptions fit, the longest time holds.
        """
        fitting = [rule for rule in self._idle.exceptions if self._fits(rule, user, profile)]
        if not fitting:
            return self._idle.timeout, self._idle.max_age
        return _longest(rule.timeout for rule in fitting), _longest(rule.max_age for rule in fitting)

    def is_over(self, *, inactive: timedelta | None, inactive_limit: int, server: dict[str, Any]) -> bool:
        """Whether a server is to be stopped: the culler's arbiter, with the hub's model of a server."""
        user = server["full_name"].split("/", 1)[0]
        timeout, max_age = self.of(user, (server.get("user_options") or {}).get("profile"))
        if timeout is not None and inactive is not None and inactive.total_seconds() >= timeout:
            return True
        if max_age is None or not server.get("started"):
            return False
        age = jupyterhub_idle_culler.utcnow() - jupyterhub_idle_culler.parse_date(server["started"])
        return bool(age.total_seconds() >= max_age)

    def _fits(self, rule: IdleException, user: str, profile: str | None) -> bool:
        if rule.kind == "profile":
            return rule.name == profile
        return user in self._members.get(rule.name, ())


def _longest(times: Iterable[int | None]) -> int | None:
    known: list[int] = []
    for time in times:
        if time is None:
            return None
        known.append(time)
    return max(known)


async def members(url: str, token: str, names: Iterable[str]) -> dict[str, frozenset[str]]:
    """People whom the hub has in the groups of these names; nobody in one that it does not know (yet)."""
    client = AsyncHTTPClient()
    found: dict[str, frozenset[str]] = {}
    for name in names:
        try:
            answer = await client.fetch(
                f"{url}/groups/{quote(name, safe='')}", headers={"Authorization": f"token {token}"}
            )
        except HTTPClientError as error:
            if error.code != 404:
                raise
            found[name] = frozenset()
        else:
            found[name] = frozenset(json.loads(answer.body)["users"])
    return found


async def cull(idle: Idle, configured: Mapping[str, Group], url: str, token: str) -> None:
    """One look at all servers. Without the groups' members nothing is stopped."""
    names = [rule.name for rule in idle.exceptions if rule.kind == "group"]
    found = await members(url, token, names)
    for name in found.keys() & configured.keys():
        found[name] |= frozenset(configured[name].members)
    limits = Limits(idle, found)
    await jupyterhub_idle_culler.cull_idle(
        url,
        token,
        # Of servers the arbiter decides alone; for people this is the limit.
        inactive_limit=idle.timeout or FOREVER,
        logger=log,
        cull_users=idle.users,
        cull_admin_users=False,
        cull_arbiter=limits.is_over,
    )


async def cull_forever(path: Path, url: str, token: str) -> None:
    """Looks again and again, with the settings as they are then: those of people change meanwhile."""
    settings: Settings | None = None
    while True:
        try:
            now = settings_file.at_start(path)[0] if settings is None else settings_file.combine(path)
            settings = with_hub_names(now.settings)
        except SettingsError as error:
            # The hub goes on with those of before, too.
            log.error("%s", error)
        idle = settings.servers.idle if settings else None
        if settings is None or idle is None:
            return
        try:
            await cull(idle, settings.groups, url, token)
        # The hub may be busy or on its way down: the next look is soon.
        except Exception as error:
            log.error("Could not look for idle servers: %s", error)
        await _pause(idle.check_interval)


async def _pause(seconds: float) -> None:
    """Until the next look: at once where the settings of people are others."""
    before, left = settings_file.facts(paths.PEOPLE), seconds
    while left > 0:
        await asyncio.sleep(min(SLICE, left))
        left -= SLICE
        if settings_file.facts(paths.PEOPLE) != before:
            return


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="[%(levelname).1s %(asctime)s %(name)s] %(message)s")
    url, token = os.environ["JUPYTERHUB_API_URL"], os.environ["JUPYTERHUB_API_TOKEN"]
    asyncio.run(cull_forever(Path(sys.argv[1]), url, token))


if __name__ == "__main__":
    main()
