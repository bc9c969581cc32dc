"""Whose server it is, and what that gives it: a mixin for the spawners."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any as Anything

from docker.errors import APIError
from dockerspawner import DockerSpawner
from tornado import web
from traitlets import Any, Dict, Int, default

from ..config import Limits, Settings, SomeLimits
from ..config.environment import Variables
from . import environment as variables
from . import failures, limits, object_names
from .failures import Circumstances, Reason
from .folders import Mount, Person, common, mounts_of
from .groups import groups_of
from .kept import Ended, Kept, now
from .lost import lost_folders
from .profiles import OPTION as PROFILE
from .profiles import images_of
from .running import TRIAL_VARIABLE, Running
from .spawn_error import SpawnError

PROFILE_VARIABLE = "JUPYTERHUB_PROFILE"
"""Variable of a server that has the profile that was chosen for it."""


class PersonalServer(DockerSpawner):
    settings = Any(config=True, help="The hub's settings: a `Settings`.")

    secret_values = Dict(config=True, help="Values of the secrets that servers may be given, by name.")

    longest_name = Int(object_names.LONGEST_SERVER, help="Maximum length of a server's name on the engine.")

    # Traits of DockerSpawner's, for the type checker.
    object_name: str
    environment: dict[str, Anything]

    profile_limits: SomeLimits | None = None
    """Limits of the profile that the person has chosen, if it has any."""

    profile_secrets: Mapping[str, str] = MappingProxyType({})
    """Names of the secrets of the profile that the person has chosen, by variable."""

    had_profile = False
    """Whether the last start was one with a profile."""

    ended: Reason | None = None
    """How the server that was there last ended."""

    image_of_object: str | None = None
    """Image of the container or service that there is, as the engine told last."""

    _last_lines: Sequence[str] = ()
    """Of the log of the server that ended."""

    was_silent = False
    """Whether the hub gave up waiting for the server's first answer."""

    _stopping = False
    """Whether the hub stops the server."""

    is_trial = False
    """Whether the server is nobody's, and made to see whether it starts."""

    def get_env(self) -> dict[str, str]:
        profile = self.user_options.get(PROFILE)
        chosen = {PROFILE_VARIABLE: profile} if isinstance(profile, str) else {}
        trial = {TRIAL_VARIABLE: "true"} if self.is_trial else {}
        common = self.environment
        # JupyterHub's own variables go over them.
        self.environment = self._variables(common)
        try:
            return {**super().get_env(), **chosen, **trial}
        finally:
            self.environment = common

    def _variables(self, common: Mapping[str, Anything]) -> dict[str, Anything]:
        """Environment of the person's server: see docs/environment.md."""
        settings: Settings = self.settings
        person = self.person
        places = [
            Variables(secrets=dict(self.profile_secrets)),
            # Of several groups the first by name wins.
            *(settings.groups[name] for name in reversed(person.groups)),
            *([own] if (own := settings.users.get(person.name)) else []),
        ]
        return variables.resolve(common, places, person.name, self.secret_values)

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

    def wanted_mounts(self) -> list[Mount]:
        """What is mounted in the person's server. Nobody has a home: one would be made, and stay."""
        settings: Settings = self.settings
        mounts = mounts_of(settings.storage, settings.groups, self.person)
        return common(mounts) if self.is_trial else mounts

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

    async def start(self) -> tuple[str, int]:
        self.forget_end()
        address: tuple[str, int] = await super().start()
        return address

    def forget_end(self) -> None:
        """Before another container or service is made."""
        self.ended, self._last_lines, self._stopping, self.was_silent = None, (), False, False

    async def stop(self, now: bool = False) -> None:
        self._stopping = True
        await super().stop(now)

    @property
    def how_ended(self) -> int | str:
        """As `poll` tells JupyterHub: 0 for an end that somebody wanted."""
        return self.ended.detail if self.ended and self.ended.sentence else 0

    @property
    def circumstances(self) -> Circumstances:
        settings: Settings = self.settings
        extra = settings.hub.extra_config
        return Circumstances(
            stack=settings.hub.stack,
            image=self.image,
            start_timeout=self.start_timeout,
            http_timeout=self.http_timeout,
            extra_config=extra.path if extra else "",
        )

    @property
    def _kept(self) -> Kept:
        return Kept(self.settings.hub.data_dir)

    async def note_end(self, reason: Reason, log: Sequence[str] = ()) -> None:
        """Keeps why the server ended, with its last lines, before its container is removed."""
        self.ended, self._last_lines = reason, log
        if reason.sentence:
            look = self.circumstances.logs_of(self.user.name)
            self.log.error("The server of %s: %s. Its last lines: %s", self._log_name, reason.detail, look)
        await self._keep(reason, started=True)

    async def failure(self, error: Exception) -> Exception:
        """What JupyterHub is to say of a start that failed with this error; the log gets all of it."""
        if isinstance(error, SpawnError):
            reason = Reason(error.jupyterhub_message, error.detail)
        elif isinstance(error, web.HTTPError):
            # In words for the person already: a profile that is not theirs, say.
            return error
        elif self.was_silent:
            reason = failures.not_answering(self.circumstances)
        else:
            reason = failures.explain(error, self.circumstances)
        look = self.circumstances.logs_of(self.user.name)
        self.log.error("The server of %s did not start: %s. More: %s", self._log_name, reason.detail, look)
        await self._keep(reason, started=False)
        return SpawnError(reason.sentence, reason.detail)

    async def _keep(self, reason: Reason, *, started: bool) -> None:
        if self.is_trial:
            return
        ended = Ended(
            user=self.user.name,
            server=self.name,
            at=now(),
            started=started,
            sentence=reason.sentence,
            detail=reason.detail,
            log=self._last_lines,
        )
        try:
            await asyncio.to_thread(self._kept.put, self.object_name, ended)
        except OSError as error:
            self.log.warning("Could not keep why the server of %s ended: %s", self._log_name, error)

    @property
    def last_lines(self) -> Sequence[str]:
        """Of the log of the server that ended."""
        return self._last_lines

    def last_end(self) -> Ended | None:
        """How the server ended the last time, or did not start, also before this hub started."""
        return self._kept.get(self.object_name)

    @property
    def runs_older_image(self) -> bool:
        """Whether a new start would give the running server another image."""
        if self.image_of_object is None:
            return False
        servers = self.settings.spawner
        chosen = self.user_options.get(PROFILE)
        images = {profile.image for profile in servers.profiles if profile.slug == chosen}
        return self.image_of_object not in (images or images_of(servers))

    async def delete_forever(self) -> None:
        await super().delete_forever()
        await asyncio.to_thread(self._kept.remove, self.object_name)
