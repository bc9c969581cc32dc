"""Notebook servers."""

from typing import Literal

from pydantic import Field

from .base import AbsolutePath, NotEmpty, Section
from .limits import Limits
from .profiles import GpuRequest, Profile


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
    labels: dict[str, str]
    gpus: GpuRequest | None = None
    profiles: list[Profile] = Field(default=[])
    """Kinds of servers to choose from; none for one kind without a choice."""
