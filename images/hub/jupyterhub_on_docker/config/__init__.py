"""The hub's settings file: its shape, and nothing else. A module a section.

The program that renders the file describes the same shape; a key that only one of both knows is an error.
"""

from typing import Literal

from .auth import Auth
from .base import Section
from .database import Sqlite
from .docker import Docker
from .hub import Hub
from .proxy import TraefikFile
from .spawner import DockerServers, Home, Limits

__all__ = [
    "Auth",
    "Docker",
    "DockerServers",
    "Home",
    "Hub",
    "Limits",
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
