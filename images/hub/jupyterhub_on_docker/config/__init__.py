"""The hub's settings file: its shape, and nothing else. A module a section.

The program that renders the file describes the same shape; a key that only one of both knows is an error.
"""

from typing import Literal

from .access import Access, Role, Service
from .auth import Auth
from .base import Section
from .database import Sqlite
from .docker import Docker
from .hub import ExtraConfig, Hub, LoginLockout
from .lockdown import Egress, Lockdown
from .pages import Announcement, Pages
from .proxy import TraefikFile
from .servers import Idle, IdleException, Servers
from .spawner import DockerServers, Home, Limits

__all__ = [
    "Access",
    "Announcement",
    "Auth",
    "Docker",
    "DockerServers",
    "Egress",
    "ExtraConfig",
    "Home",
    "Hub",
    "Idle",
    "IdleException",
    "Limits",
    "Lockdown",
    "LoginLockout",
    "Pages",
    "Role",
    "Servers",
    "Service",
    "Settings",
    "Sqlite",
    "TraefikFile",
]


class Settings(Section):
    version: Literal[1]
    hub: Hub
    proxy: TraefikFile
    docker: Docker
    database: Sqlite
    auth: Auth
    spawner: DockerServers
    pages: Pages
    access: Access
    servers: Servers
    lockdown: Lockdown | None = None
