"""Settings of the server of routes."""

from typing import Annotated, Literal

from pydantic import Field

from ..config.base import AbsolutePath, Listening, NotEmpty, Section, ServerSettings, WebUrl
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


class AwaySettings(Listening):
    """The page that people see while what they ask for is away."""

    url: WebUrl
    """Where Traefik finds it."""
    hub: NotEmpty
    """Path or address of the hub's pages, with a slash at its end."""


class RoutesSettings(ServerSettings):
    entry_point: NotEmpty
    """Entry point of Traefik that visitors come to."""
    store: Annotated[FileStore | RedisStore, Field(discriminator="kind")]
    targets: Targets | None
    """None for anywhere."""
    away: AwaySettings
