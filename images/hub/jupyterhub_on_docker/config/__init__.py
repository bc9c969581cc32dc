"""The hub's settings file: its shape, and nothing else. A module a section.

The program that renders the file describes the same shape; a key that only one of both knows is an error.
"""

from typing import Annotated, Literal

from pydantic import Field

from .access import Access, Role, Service
from .auth import Auth
from .base import Section
from .database import Database, Postgres, Sqlite, Url
from .docker import Docker
from .hub import ExtraConfig, Hub, LoginLockout
from .limits import Limits, SomeLimits
from .lockdown import Egress, Lockdown
from .pages import Announcement, Pages
from .proxy import TraefikFile, TraefikRedis
from .servers import Idle, IdleException, Servers
from .spawner import DockerServers, SwarmServers
from .storage import Group, Person, Storage
from .visitors import Visitors

__all__ = [
    "Access",
    "Announcement",
    "Auth",
    "Database",
    "Docker",
    "DockerServers",
    "Egress",
    "ExtraConfig",
    "Group",
    "Hub",
    "Idle",
    "IdleException",
    "Limits",
    "Lockdown",
    "LoginLockout",
    "Pages",
    "Person",
    "Postgres",
    "Role",
    "Servers",
    "Service",
    "Settings",
    "SomeLimits",
    "Sqlite",
    "Storage",
    "SwarmServers",
    "TraefikFile",
    "TraefikRedis",
    "Url",
    "Visitors",
]


class Settings(Section):
    version: Literal[1]
    hub: Hub
    visitors: Visitors
    proxy: Annotated[TraefikFile | TraefikRedis, Field(discriminator="kind")]
    docker: Docker
    database: Database
    auth: Auth
    pages: Pages
    access: Access
    servers: Servers
    storage: Storage
    groups: dict[str, Group]
    users: dict[str, Person]
    lockdown: Lockdown | None = None
    spawner: Annotated[DockerServers | SwarmServers, Field(discriminator="kind")]
