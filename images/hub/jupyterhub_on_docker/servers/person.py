"""Whose server it is, and what that gives it: a mixin for the spawners."""

from dockerspawner import DockerSpawner
from traitlets import Any, Int, default

from ..config import Limits, Settings, SomeLimits
from . import limits, object_names
from .folders import Person
from .groups import groups_of
from .lost import lost_folders


class PersonalServer(DockerSpawner):
    settings = Any(config=True, help="The hub's settings: a `Settings`.")

    longest_name = Int(object_names.LONGEST_SERVER, help="Maximum length of a server's name on the engine.")

    profile_limits: SomeLimits | None = None
    """Limits of the profile that the person has chosen, if it has any."""

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

    async def held_folders(self) -> dict[str, bool]:
        """Volumes and folders of the host that the running server has, and whether it can write there."""
        return {}

    async def lost_folders(self) -> list[str]:
        """What of it the person would not get in a new server, for who they are: see `lost`."""
        return lost_folders(self.settings, self.person, await self.held_folders())
