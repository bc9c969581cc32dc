"""Settings of the server of routes."""

from typing import Annotated, Literal

from pydantic import Field

from ..config.base import AbsolutePath, NotEmpty, Section, ServerSettings
from ..config.visitors import Network


class FileStore(Section):
    kind: Literal["file"]
    path: AbsolutePath


class RedisStore(Section):
    kind: Literal["redis"]
    url: Annotated[str, Field(pattern=r"^redis://")]
    password: NotEmpty
    """Name of the secret with the password of Redis."""


class Targets(Section):
    """Where routes may lead to."""

    networks: list[Network]
    """Networks that notebook servers have their addresses from."""
    names: list[NotEmpty]
    """Names of the hub and of services."""
    servers: Annotated[NotEmpty | None, Field(alias="prefix")]
    """Beginning of the names of notebook servers, where they are reached by name."""


class RoutesSettings(ServerSettings):
    entry_point: NotEmpty
    """Entry point of Traefik that visitors come to."""
    store: Annotated[FileStore | RedisStore, Field(discriminator="kind")]
    targets: Targets | None
    """None for anywhere."""
