"""Takes over changed settings of people without a restart: the login page stays.

They are in a file of their own: components/hub/settings/people.ts says which. A change of anything else needs
a new hub. What came of it is written into the hub's folder, where `./up` waits for it.
"""

import json
import logging
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tornado.ioloop import PeriodicCallback
from traitlets.config import Config

from . import paths, rights, settings_file, traits
from .config import Settings
from .errors import SettingsError
from .names.in_settings import with_hub_names
from .rights.listed import Listed
from .secrets import Secrets

if TYPE_CHECKING:
    from .app import Hub

log = logging.getLogger("jupyterhub_on_docker.take_over")

TAKEN = "people-taken.json"
"""In the hub's folder: SHA-256 of the last file that was looked at, and what is wrong with it, if anything.

tasks/hub/wait-for-people.ts reads it.
"""

PAUSE = 1.0
"""Seconds between two looks at the file's time."""

AGAIN = 30.0
"""Seconds until a file that is in order is tried again, where something else was wrong: a full disk, say."""

OF_SERVERS = ("options_form", "options_from_form", "apply_user_options")
"""Traits of all spawners: the profiles."""

SPAWNERS = ("OwnedHomeDockerSpawner", "ServiceSpawner")


class Watch:
    """Looks at the file with people's settings, and takes over what is new there.

    @param began: SHA-256 of the file that the hub has started with
    """

    def __init__(self, app: "Hub", began: str, folder: Path, path: Path | None = None) -> None:
        self._app, self._folder, self._path = app, folder, path
        # Not as it is: it may be another one than the hub has started with by now.
        self._seen: tuple[int, int, int] | None = None
        # None after one that was taken over in part: the one of before would be taken over again, too.
        self._taken: str | None = began
        self._before: Settings | None = None
        self._written: dict[str, bytes] = {}
        self._again: float | None = None
        self._note(began, None)

    def begin(self) -> PeriodicCallback:
        callback = PeriodicCallback(self.look, PAUSE * 1000)
        callback.start()
        return callback

    async def look(self) -> None:
        facts = settings_file.facts(paths.PEOPLE)
        if facts == self._seen and (self._again is None or time.monotonic() < self._again):
            return
        self._seen, self._again = facts, None
        await self.take()

    async def take(self) -> None:
        """What cannot be taken over is told, and the hub goes on with the settings of before."""
        digest, problem = "", None
        try:
            combined = settings_file.combine(self._path)
            digest, settings = combined.digest, with_hub_names(combined.settings)
            if digest != self._taken:
                before, self._before, self._taken = self._before, None, None
                await take_over(self._app, settings, Secrets(paths.SECRETS), before)
                self._taken = digest
            self._before = settings
            self._write(settings_file.LAST, combined.people or b"")
        except SettingsError as error:
            # None for a file that cannot be read at all.
            digest = getattr(error, "digest", "")
            problem = f"{error}. Those of before stay in force"
        except Exception as error:
            log.exception("The settings of people could not be taken over")
            problem = (
                f"{type(error).__name__}: {error}. Some of them may be in force already; "
                f"the hub tries again every {AGAIN:g} s"
            )
            # A session that failed would fail for all pages, too.
            self._app.db.rollback()
            self._again = time.monotonic() + AGAIN
        if problem is not None:
            log.error("The settings of people were not taken over: %s", problem)
        self._note(digest, problem)

    def _note(self, digest: str, problem: str | None) -> None:
        text = json.dumps({"version": 1, "sha256": digest, "problem": problem})
        self._write(TAKEN, text.encode())

    def _write(self, name: str, text: bytes) -> None:
        if self._written.get(name) == text:
            return
        new = self._folder / f"{name}.new"
        try:
            new.write_bytes(text)
            os.replace(new, self._folder / name)
            self._written[name] = text
        except OSError as error:
            # Of a full disk, say, which is no reason to end.
            log.error("%s cannot be written: %s", name, error.strerror)


async def take_over(app: "Hub", settings: Settings, secrets: Secrets, before: Settings | None = None) -> None:
    """Applies settings that differ in what is of people.

    Rights that nobody gives any more are withdrawn, as at a start. With `before`, the settings that are in
    force, this is left out where nobody's rights are others: with thousands of people it takes seconds.
    """
    c = Config()
    traits.apply(c, settings, secrets)
    _pages(app, c)
    _servers(app, c, settings)
    if before is None or _rights(before) != _rights(settings):
        await _people(app, c)
    log.info("Took over the settings of people")


def _rights(settings: Settings) -> tuple[object, ...]:
    """What the database is brought in line with."""
    return settings.auth, settings.access, settings.groups, settings.servers


def _pages(app: "Hub", c: Config) -> None:
    app.template_vars = c.JupyterHub.template_vars
    for kept in (app.tornado_settings, app.tornado_application.settings):
        kept["template_vars"] = app.template_vars


def _servers(app: "Hub", c: Config, settings: Settings) -> None:
    """For the next start: a server that runs keeps what it has."""
    values = {trait: c.Spawner[trait] for trait in OF_SERVERS} | {"settings": settings}
    app.config.Spawner.update({trait: c.Spawner[trait] for trait in OF_SERVERS})
    for section in SPAWNERS:
        app.config[section].update(c[section])
        values |= c[section]
    for user in app.users.values():
        for spawner in user.spawners.values():
            # What a start sets from the profile is set anew by the next.
            for trait, value in values.items():
                if spawner.has_trait(trait):
                    setattr(spawner, trait, value)


async def _people(app: "Hub", c: Config) -> None:
    authenticator = app.authenticator
    if isinstance(authenticator, Listed):
        authenticator.take_lists(c.Authenticator)
    app.load_roles = c.JupyterHub.load_roles
    # The same steps, in the same order, as at a start. None gives way to a request: no page sees half of it.
    await app.init_role_creation()
    await app.init_users()
    await app.init_groups()
    await app.init_role_assignment()
    await app.init_blocked_users()
    await rights.stop_servers(app)
