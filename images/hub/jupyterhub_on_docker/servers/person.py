"""Whose server it is, and what that gives it: a mixin for the spawners."""

from collections.abc import Collection
from http import HTTPStatus
from typing import Any as Anything

from docker.errors import APIError
from dockerspawner import DockerSpawner
from traitlets import Any, Int, default

from ..config import Limits, Settings, SomeLimits
from . import limits, object_names
from .folders import Person
from .groups import groups_of
from .lost import lost_folders
from .profiles import OPTION as PROFILE
from .running import Running
from .spawn_error import SpawnError

PROFILE_VARIABLE = "JUPYTERHUB_PROFILE"
"""Variable of a server that has the profile that was chosen for it."""


class PersonalServer(DockerSpawner):
    settings = Any(config=True, help="The hub's settings: a `Settings`.")

    longest_name = Int(object_names.LONGEST_SERVER, help="Maximum length of a server's name on the engine.")

    # A trait of DockerSpawner's, for the type checker.
    object_name: str

    profile_limits: SomeLimits | None = None
    """Limits of the profile that the person has chosen, if it has any."""

    def get_env(self) -> dict[str, str]:
        profile = self.user_options.get(PROFILE)
        chosen = {PROFILE_VARIABLE: profile} if isinstance(profile, str) else {}
        return {**super().get_env(), **chosen}

    def template_namespace(self) -> dict[str, str]:
        # Upstream's makes one of servers that differ in capitals only.
        return {**super().template_namespace(), "servername": self.escape(self.name)}

    @default("object_name")
    def _object_name_default(self) -> str:
        whole = super()._object_name_default()
        return object_names.server(whole, f"{self.prefix}-", self.longest_name, self.user.name, self.name)

    @property
    def person(self) -> Person:
        settings: Settings = self.settings
        known = [group.name for group in self.user.groups]
        groups = groups_of(settings.groups, self.user.name, known)
        return Person(self.user.name, self.escaped_name, bool(self.user.admin), groups)

    def resolve_limits(self, person: Person) -> Limits:
        """What the person's server may use: see docs/limits.md."""
        settings: Settings = self.settings
        groups = [settings.groups[name].limits for name in person.groups]
        user = settings.users.get(person.name)
        own = None if user is None else user.limits
        return limits.resolve(settings.spawner.limits, groups, self.profile_limits, own)

    async def get_object(self) -> dict[str, Anything] | None:
        """As in DockerSpawner, but an engine in trouble does not mean that the server is gone."""
        try:
            found: dict[str, Anything] = await self.docker(f"inspect_{self.object_type}", self.object_name)
        except APIError as error:
            if error.status_code == HTTPStatus.FORBIDDEN:
                return await self._not_this_stacks(error)
            if error.status_code != HTTPStatus.NOT_FOUND:
                raise
            self.log.info("%s '%s' is gone", self.object_type.title(), self.object_name)
            self.object_id = ""
            return None
        self.object_id = found[self.object_id_key]
        return found

    async def _not_this_stacks(self, error: APIError) -> dict[str, Anything] | None:
        """The Docker filter shows this stack's servers only."""
        own = self._object_name_default()
        if self.object_name != own:
            # The database comes from another stack, or from before this system.
            self.log.warning(
                "%s: ignoring %s from the database: it does not belong to this stack",
                self._log_name,
                self.object_name,
            )
            self.object_name = own
            return await self.get_object()
        kind = self.object_type
        self.log.error(
            "%s cannot start: the %s %s does not belong to this hub. "
            "Check what it is (docker %s inspect %s), and remove it",
            self._log_name,
            kind,
            own,
            kind,
            own,
        )
        raise SpawnError(
            f"Your server cannot start: another {kind} on the Docker host is already named {own}. "
            "Ask an administrator to remove it."
        ) from error

    async def take_over(self, running: Running) -> None:
        """Makes this the spawner of a server that runs."""
        self.object_id, self.object_name = running.id, running.name

    async def running_servers(self, known: Collection[str]) -> list[Running]:
        """Everybody's servers that run, but for those with these ids. Asks nothing about this person."""
        return []

    async def end_server(self, running: Running) -> None:
        """Stops a server of anybody's that the hub does not know. One that has gone is as it should be."""

    async def held_folders(self) -> dict[str, bool]:
        """Volumes and folders of the host that the running server has, and whether it can write there."""
        return {}

    async def lost_folders(self) -> list[str]:
        """What of it the person would not get in a new server, for who they are: see `lost`."""
        return lost_folders(self.settings, self.person, await self.held_folders())
