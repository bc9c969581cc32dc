"""Notebook servers."""

from typing import Annotated, Literal

from pydantic import Field

from .base import AbsolutePath, NotEmpty, PositiveInt, Section
from .profiles import GpuRequest, Profile


class Limits(Section):
    memory: PositiveInt
    """Bytes."""
    swap: Annotated[int, Field(ge=0)]
    """Bytes on top of memory."""
    cpus: Annotated[float, Field(gt=0)]
    processes: PositiveInt


class Home(Section):
    volume: Annotated[str, Field(pattern=r"\{username\}")]
    """Name of the volume; `{username}` stands for the escaped name of the user."""
    mount_path: Annotated[str, Field(pattern=r"^(/[^/.][^/]*)+$")]


class DockerServers(Section):
    kind: Literal["docker"]
    image: NotEmpty
    network: NotEmpty
    name_prefix: NotEmpty
    command: list[str] | None
    """Command of a server, or null for the image's own."""
    start_page: AbsolutePath
    environment: dict[str, str]
    limits: Limits
    home: Home
    uid: PositiveInt
    gid: PositiveInt
    labels: dict[str, str]
    gpus: GpuRequest | None = None
    profiles: list[Profile] = Field(default=[])
    """Kinds of servers to choose from; none for one kind without a choice."""
