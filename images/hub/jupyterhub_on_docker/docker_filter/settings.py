"""The filter's settings file."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from ..config import Limits
from ..config.base import AbsolutePath, NotEmpty, Section
from ..config.profiles import GpuRequest
from ..config.storage import Volume

NAME = r"^[a-zA-Z0-9][a-zA-Z0-9_.-]*$"

HOST_FOLDERS = Path("/host")
"""Where the filter's container has folders of the host, under their own paths."""


class FilterSettings(Section):
    version: Literal[1]
    socket: AbsolutePath
    """The engine's socket."""
    listen: Annotated[str, Field(pattern=r"^[^:]+:\d{1,5}$")]
    """Address and port to listen on."""
    name_prefix: Annotated[str, Field(pattern=NAME)]
    """Prefix of the stack's names, and the value of its stack label."""
    network: NotEmpty
    """The only network that a server may join."""
    images: list[NotEmpty]
    """The images that a server may be made from, as the spawner names them."""
    volumes: list[Volume]
    """The volumes that may be made and mounted."""
    folders: list[AbsolutePath]
    """Folders of the host that may be mounted."""
    parents: list[AbsolutePath]
    """Folders of the host of which a folder directly in them may be mounted."""
    limits: Limits
    """The most that a server may have of each."""
    gpus: list[GpuRequest] = Field(default=[])
    """What servers may ask for of the host's GPUs."""
    firewall: str = ""
    """Container that has to be healthy before a server starts; none for no such condition."""
    dns: list[NotEmpty] = Field(default_factory=list)
    """Name servers that a server has to have; none for those of the engine."""

    @property
    def container_prefix(self) -> str:
        """Prefix of the servers' containers; the stack's own containers don't have it."""
        return f"{self.name_prefix}-user-"

    @property
    def folders_prefix(self) -> str:
        """Prefix of containers that are never started: folders are given to their owners in them."""
        return f"{self.name_prefix}-folders-"
