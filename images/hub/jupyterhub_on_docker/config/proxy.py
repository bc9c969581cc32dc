"""The reverse proxy."""

from typing import Literal

from .base import AbsolutePath, NotEmpty, Section, WebUrl


class TraefikFile(Section):
    kind: Literal["traefik-file"]
    api_url: WebUrl
    api_user: NotEmpty
    routes_file: AbsolutePath
    """File that the hub notes routes in, for their server."""
    entry_point: NotEmpty
