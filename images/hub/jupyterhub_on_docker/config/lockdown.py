"""What closes notebook servers in."""

from typing import Annotated

from pydantic import Field

from .base import NotEmpty, Section


class Egress(Section):
    host: NotEmpty
    """Name of the egress proxy on the notebooks' network."""
    port: Annotated[int, Field(gt=0, lt=65536)]


class Lockdown(Section):
    dns: Annotated[list[NotEmpty], Field(min_length=1)]
    """Name servers in place of the Docker host's."""
    egress: Egress | None
