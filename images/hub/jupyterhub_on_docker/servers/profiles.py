"""Profiles: which a person may have, the form to choose one, and what the choice means for a server.

Only the common traits of spawners are used, and `image`, `extra_host_config` as Docker's spawner has them.
"""

from collections.abc import Mapping
from typing import Any

from docker.types import DeviceRequest
from tornado import web

from ..config.profiles import GpuRequest, Profile
from ..config.spawner import Spawner
from ..config.storage import Group
from . import profile_form
from .groups import groups_of

OPTION = "profile"
"""Key of the choice among a server's options, as in `{"profile": "small"}` over the API."""


NO_PROFILE = "You may use none of this hub's profiles. Ask an administrator to give you one."


class ServerProfiles:
    """The profiles of a hub. Without any, servers are as the settings say and nobody is asked."""

    def __init__(
        self,
        servers: Spawner,
        environment: Mapping[str, str],
        groups: Mapping[str, Group],
    ):
        self._servers = servers
        self._groups = groups
        self._environment = environment
        """Environment of servers without a profile."""

    @property
    def images(self) -> list[str]:
        """Ids of all images that servers are started from."""
        return sorted(images_of(self._servers))

    def allowed(self, user: Any) -> list[Profile]:
        """The profiles that a user may have, in the order of the settings."""
        groups = {group.name for group in user.groups}
        groups.update(groups_of(self._groups, user.name))
        return [
            profile
            for profile in self._servers.profiles
            if not (profile.users or profile.groups)
            or user.name in profile.users
            or groups & set(profile.groups)
        ]

    def form(self, spawner: Any) -> str:
        """The form for a server's options; nothing where there is nothing to choose."""
        allowed = self.allowed(spawner.user)
        if len(allowed) < 2:
            return ""
        return profile_form.render(allowed, self._preselected(allowed, spawner.user_options).slug)

    def from_form(self, data: dict[str, list[str]]) -> dict[str, str]:
        """A server's options from the form's data, or from a query."""
        return {OPTION: data[OPTION][0]} if data.get(OPTION) else {}

    def check(self, user: Any, options: Any) -> None:
        """Raises HTTPError: 400 for options that there are not, 403 for a profile that is not the user's."""
        if not isinstance(options, dict):
            raise web.HTTPError(400, "Server options: expected a map.")
        if unknown := sorted(set(options) - {OPTION}):
            raise web.HTTPError(400, f"Unknown server option: {', '.join(unknown)}. There is: {OPTION}.")
        if OPTION not in options:
            return
        if not self._servers.profiles:
            raise web.HTTPError(400, "There are no profiles to choose from.")
        slug = options[OPTION]
        allowed = [profile.slug for profile in self.allowed(user)]
        if not allowed:
            raise web.HTTPError(403, NO_PROFILE)
        if slug in allowed:
            return
        open_to = ", ".join(allowed)
        if any(profile.slug == slug for profile in self._servers.profiles):
            raise web.HTTPError(403, f"The profile {slug} is not open to you. You may have: {open_to}.")
        raise web.HTTPError(400, f"There is no such profile. You may have: {open_to}.")

    def apply(self, spawner: Any, options: dict[str, Any]) -> None:
        """Sets on a spawner what its options choose.

        Raises HTTPError as `check` does. What it refuses, and what nobody asked for now, is forgotten: the
        hub has kept it for the next start already.
        """
        spawner.user_options = spawner.orm_spawner.user_options = {}
        if _is_asked(spawner.handler):
            self.check(spawner.user, options)
        if not self._servers.profiles:
            if getattr(spawner, "had_profile", False):
                self._use_none(spawner)
            return
        self.use(spawner, self._chosen(spawner, options))

    def use(self, spawner: Any, profile: Profile) -> None:
        """Sets on a spawner what a profile says."""
        servers = self._servers
        command = servers.command if profile.command is None else profile.command
        spawner.image = profile.image
        spawner.cmd = command and list(command)
        spawner.default_url = profile.start_page or servers.start_page
        spawner.environment = {**self._environment, **profile.environment}
        spawner.profile_secrets = profile.secrets
        spawner.profile_limits = profile.limits
        _give_gpus(spawner, profile.gpus or servers.gpus)
        spawner.had_profile = True
        # A choice that nobody made is one too: it is selected in the form, and the idle culler goes by it.
        spawner.user_options = spawner.orm_spawner.user_options = {OPTION: profile.slug}
        spawner.log.info("Profile of %s: %s", spawner._log_name, profile.slug)

    def _use_none(self, spawner: Any) -> None:
        """Sets what a server without a profile has, where there were profiles when it was started last."""
        servers = self._servers
        spawner.image = servers.image
        spawner.cmd = servers.command and list(servers.command)
        spawner.default_url = servers.start_page
        spawner.environment = dict(self._environment)
        spawner.profile_secrets = {}
        spawner.profile_limits = None
        _give_gpus(spawner, servers.gpus)
        spawner.had_profile = False

    def _chosen(self, spawner: Any, options: dict[str, Any]) -> Profile:
        allowed = self.allowed(spawner.user)
        if not allowed:
            raise web.HTTPError(403, NO_PROFILE)
        # The choice of last time may have gone meanwhile; nobody chose it now.
        return self._preselected(allowed, options)

    @staticmethod
    def _preselected(allowed: list[Profile], options: dict[str, Any]) -> Profile:
        last = [profile for profile in allowed if profile.slug == options.get(OPTION)]
        return [*last, *(profile for profile in allowed if profile.default), *allowed][0]


def images_of(servers: Spawner) -> set[str]:
    """Ids of all images that servers are started from."""
    return {servers.image, *(profile.image for profile in servers.profiles)}


def _is_asked(handler: Any) -> bool:
    """Whether the options come from the request, and not from the last start."""
    return handler is not None and bool(handler.request.body or handler.request.query_arguments)


def _give_gpus(spawner: Any, gpus: GpuRequest | None) -> None:
    host = {key: value for key, value in spawner.extra_host_config.items() if key != "device_requests"}
    spawner.extra_host_config = {**host, **device_requests(gpus)}


def device_requests(gpus: GpuRequest | None) -> dict[str, list[DeviceRequest]]:
    """GPUs as `extra_host_config` takes them."""
    if gpus is None:
        return {}
    which = {"device_ids": list(gpus.ids)} if gpus.ids else {"count": gpus.count}
    return {"device_requests": [DeviceRequest(capabilities=[["gpu"]], **which)]}
