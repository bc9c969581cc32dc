"""The reverse proxy."""

from typing import Annotated, Literal

from pydantic import Field

from .base import NotEmpty, Section, WebUrl


class TraefikFile(Section):
    kind: Literal["traefik-file"]
    api_url: WebUrl
    api_user: NotEmpty
    dynamic_file: Annotated[str, Field(pattern=r"^/.+\.(toml|yaml)$")]
    """File that the hub writes and Traefik watches the folder of."""
    entry_point: NotEmpty
