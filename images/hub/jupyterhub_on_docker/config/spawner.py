"""Notebook servers: containers of one host, or services of a Docker Swarm."""

from typing import Annotated, Literal

from pydantic import Field

from .base import AbsolutePath, NotEmpty, Prefix, Section
from .limits import Limits
from .profiles import GpuRequest, Profile


class LogDriver(Section):
    """Where a server's log goes."""

    driver: NotEmpty
    options: dict[str, str]


class Spawner(Section):
    """What both kinds have."""

    image: NotEmpty
    """In a Swarm with a digest: a node that has it asks no registry."""
    network: NotEmpty
    prefix: Prefix
    command: list[str] | None
    """Command of a server, or null for the image's own."""
    start_page: AbsolutePath
    environment: dict[str, str]
    limits: Limits
    labels: dict[str, str]
    log: LogDriver = LogDriver(driver="json-file", options={"max-size": "10m", "max-file": "2"})
    """A server's log goes with its container, and does not fill the disk before that."""
    gpus: GpuRequest | None = None
    profiles: list[Profile] = Field(default=[])
    """Kinds of servers to choose from; none for one kind without a choice."""


class DockerServers(Spawner):
    kind: Literal["docker"]


class Reservation(Section):
    memory: Annotated[int, Field(ge=0)]
    """Bytes that a node has to have left for a server."""
    cpus: Annotated[float, Field(ge=0)]


class Placement(Section):
    """Where servers may run: constraints such as `node.role==worker`. All that concern a server hold."""

    everybody: list[str]
    profiles: dict[str, list[str]]
    """By slug: servers of a profile."""
    groups: dict[str, list[str]]
    """By name: servers of a group's members."""


class NodeFirewall(Section):
    """What stands between servers and all that is not of the stack."""

    service: NotEmpty
    """Holds the rules, on each node."""
    gate: AbsolutePath
    """Folder of a node that is there while the rules are: it is mounted, so that no server starts without."""


class SwarmServers(Spawner):
    kind: Literal["swarm"]
    reservation: Reservation
    placement: Placement
    pinned: bool
    """Homes are volumes of one node: the user's servers start on the node that has it, and on no other."""
    pre_pullers: dict[str, str]
    """Services that bring images to the nodes, by image: nodes that do not have it yet are left out."""
    firewall: NodeFirewall
