"""The hub's settings file: its shape, and nothing else. A module a section.

The program that renders the file describes the same shape; a key that only one of both knows is an error.
"""

from typing import Literal

from .auth import SharedPassword
from .base import Section
from .database import Database, Postgres, Sqlite, Url
from .docker import Docker
from .hub import Hub
from .proxy import TraefikFile
from .spawner import DockerServers, Home, Limits

__all__ = [
    "Database",
    "Docker",
    "DockerServers",
    "Home",
    "Hub",
    "Limits",
    "Postgres",
    "Settings",
    "SharedPassword",
    "Sqlite",
    "TraefikFile",
    "Url",
]


class Settings(Section):
    version: Literal[1]
    hub: Hub
    proxy: TraefikFile
    docker: Docker
    database: Database
    auth: SharedPassword
    spawner: DockerServers
