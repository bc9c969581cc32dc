"""JupyterHub's application: takes away what the configuration no longer gives, adopts servers that its
database does not know, and names its cookies."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jupyterhub import orm
from jupyterhub.app import JupyterHub
from tornado.ioloop import PeriodicCallback
from traitlets import Unicode, default

from . import adoption, rights, take_over
from .health import readiness
from .names import rule
from .paths import TEMPLATES
from .servers.notices import notices
from .servers.users import Users
from .web.arguments import hide_undecodable
from .web.cookies import OwnCookies


class Hub(JupyterHub):
    """Configured as `c.JupyterHub`: run by `python -m jupyterhub_on_docker.app --config FILE`."""

    people: rights.People

    # A trait of JupyterHub's, for the type checker.
    template_paths: list[str]

    people_taken = Unicode(
        help="SHA-256 of the file with people's settings that the configuration was made from; empty for none"
    ).tag(config=True)

    ending: "asyncio.Future[None]"
    """Done when servers that could not be adopted have been stopped."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._left_out: set[str] = set()
        self._may_end_unknown = False

    def init_handlers(self) -> None:
        hide_undecodable()
        super().init_handlers()

    async def init_users(self) -> None:
        # Afterwards the authenticator's lists have whoever else the hub knows.
        self._leave_out_impossible()
        self.people = rights.People.of(self.authenticator)
        await self._init_new_users()

    async def _init_new_users(self) -> None:
        """JupyterHub asks the database for each name of the list: with ten thousand of them, half a minute.

        It is given those that the database does not know.
        """
        authenticator = self.authenticator
        allowed = {authenticator.normalize_username(name) for name in authenticator.allowed_users}
        # Asked before the list is another one, which its default may go by.
        _ = authenticator.allow_existing_users
        known = {name for (name,) in self.db.query(orm.User.name)}
        authenticator.allowed_users = allowed - known
        await super().init_users()
        admins = authenticator.admin_users if allowed else set()
        authenticator.allowed_users |= allowed | admins

    def _leave_out_impossible(self) -> None:
        """Takes names out of the lists that nobody can have here: JupyterHub would end for one of them.

        What wrote the lists may know a later Unicode, with letters that are none yet for Python.
        """
        for trait in ("admin_users", "allowed_users"):
            setattr(self.authenticator, trait, set(self._possible(getattr(self.authenticator, trait))))
        for group in self.load_groups.values():
            if isinstance(group, dict) and "users" in group:
                group["users"] = self._possible(group["users"])
        for role in self.load_roles:
            if "users" in role:
                role["users"] = self._possible(role["users"])

    def _possible(self, names: Iterable[str]) -> list[str]:
        possible = []
        for name in names:
            if self.authenticator.validate_username(self.authenticator.normalize_username(name)):
                possible.append(name)
            elif name not in self._left_out:
                self._left_out.add(name)
                problem = rule.problem(name) or "is not a valid name for this login"
                self.log.error("Ignoring the user name %s in all lists: it %s", rule.shown(name), problem)
        return possible

    async def init_blocked_users(self) -> None:
        await super().init_blocked_users()
        rights.withdraw(self, self.people)

    @default("users")
    def _users_default(self) -> Users:
        return Users(db_factory=lambda: self.db, settings=self.tornado_settings)

    def init_tornado_settings(self) -> None:
        # Pages of the configuration come before these, and JupyterHub's after: it adds them.
        theirs = self._template_paths_default()
        own = [path for path in self.template_paths if path not in theirs]
        self.template_paths = [*own, TEMPLATES]
        super().init_tornado_settings()
        for environment in ("jinja2_env", "jinja2_env_sync"):
            self.tornado_settings[environment].globals["server_notices"] = notices
        self.tornado_settings.update(readiness.tornado_settings(self.log))

    def init_tornado_application(self) -> None:
        self.tornado_application = OwnCookies(self.handlers, **self.tornado_settings)

    async def init_spawners(self) -> Any:
        refused = []
        try:
            refused = await adoption.adopt(self, self.people)
            self._may_end_unknown = True
        except Exception:
            # What could not be looked at is not taken for given up later.
            self.log.exception("Could not look for servers that are not in the database")
        found = await super().init_spawners()
        await rights.stop_servers(self)
        # Each may take the engine ten seconds, for which nobody has to wait.
        self.ending = asyncio.ensure_future(adoption.end(self, refused))
        return found

    async def start(self) -> None:
        await super().start()
        self._periodic_callbacks["readiness"] = readiness.keep_looking(self.tornado_settings["readiness"])
        look = PeriodicCallback(self.end_unknown_servers, adoption.INTERVAL * 1000)
        self._periodic_callbacks["unknown_servers"] = look
        look.start()
        if self.people_taken:
            watch = take_over.Watch(self, self.people_taken, Path.cwd())
            self._periodic_callbacks["people"] = watch.begin()

    async def end_unknown_servers(self) -> None:
        if self._may_end_unknown:
            await adoption.end(self, await adoption.find_given_up(self))


if __name__ == "__main__":
    Hub.launch_instance()
