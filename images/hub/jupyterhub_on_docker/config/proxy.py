"""The reverse proxy."""

from typing import Annotated, Literal

from pydantic import Field

from .base import AbsolutePath, NotEmpty, Section, WebUrl


class Traefik(Section):
    """What both kinds have."""

    api_url: WebUrl
    api_user: NotEmpty
    entry_point: NotEmpty


class TraefikFile(Traefik):
    """One Traefik, on one host."""

    kind: Literal["traefik-file"]
    routes_file: AbsolutePath
    """File that the hub notes routes in, for their server."""


class TraefikRedis(Traefik):
    """Traefik on several nodes of a Swarm."""

    kind: Literal["traefik-redis"]
    redis_url: Annotated[str, Field(pattern=r"^redis://")]
