"""The filter's settings file."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from ..config import Limits
from ..config.base import AbsolutePath, NotEmpty, PositiveInt, Prefix, Section, ServerSettings
from ..config.profiles import GpuRequest
from ..config.spawner import LogDriver, NodeFirewall
from ..config.storage import Volume

NAME = r"^[a-zA-Z0-9][a-zA-Z0-9_.-]*$"

HOST_FOLDERS = Path("/host")
"""Where the filter's container has folders of the host, under their own paths."""


class AllowedVolume(Volume):
    """A volume that may be made and mounted; `{folder}` in its name stands for a folder that several have."""

    read_only: bool = False
    """Whether servers may only read what is in it."""
    taken_over: list[NotEmpty] | None = None
    """People whose volumes may be there without labels of this stack; None: the name alone says whose it is.

    A name that begins with a person's could be that of any volume of the host.
    """


class SwarmRules(Section):
    """Part of the filter's settings, where the stack is on a Swarm."""

    constraints: list[str]
    """What the placement of every server has to say, such as `node.role==worker`."""
    data: AbsolutePath | None
    """Shared folder with the hub's data, which is given to the hub's user; null where it is a volume."""
    pre_pullers: list[NotEmpty]
    """Services whose tasks may be seen too."""
    firewall: NodeFirewall
    """Every server has its folder mounted, without which it does not start."""
    registry_auth: AbsolutePath | None
    """File with the value of X-Registry-Auth, with which nodes fetch images: the hub has no such password."""


class FilterSettings(ServerSettings):
    socket: AbsolutePath
    """The engine's socket."""
    prefix: Annotated[Prefix, Field(pattern=NAME)]
    network: NotEmpty
    """The only network that a server may join."""
    images: list[NotEmpty]
    """The images that a server may be made from, as the spawner names them."""
    uid: PositiveInt
    gid: PositiveInt
    """Who servers run as, and whose the folders are that are made for them."""
    volumes: list[AllowedVolume]
    """The volumes that may be made and mounted."""
    folders: list[AbsolutePath]
    """Folders of the host that may be mounted."""
    parents: list[AbsolutePath]
    """Folders of the host of which a folder directly in them may be mounted."""
    limits: Limits
    """The most that a server may have of each."""
    log: LogDriver | None = None
    """Where a server's log has to go; without it, a file that ends somewhere."""
    gpus: list[GpuRequest] = Field(default=[])
    """What servers may ask for of the host's GPUs."""
    firewall: str = ""
    """Container that has to be healthy before a server starts; none for no such condition."""
    dns: list[NotEmpty] = Field(default_factory=list)
    """Name servers that a server has to have; none for those of the engine."""
    swarm: SwarmRules | None = None
    """Rules for services; without them, none may be made or seen."""

    @property
    def container_prefix(self) -> str:
        """Prefix of the servers' containers; the stack's own containers don't have it."""
        return f"{self.prefix}-user-"

    @property
    def folders_prefix(self) -> str:
        """Prefix of containers that are never started: folders are given to their owners in them."""
        return f"{self.prefix}-folders-"
