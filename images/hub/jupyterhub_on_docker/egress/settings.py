"""The egress proxy's settings file."""

from typing import Annotated, Literal

from pydantic import Field

from ..config.base import NotEmpty, Section

HOST = r"^(\*\.)?([a-z0-9-]+\.)+[a-z0-9-]+$"
Port = Annotated[int, Field(gt=0, lt=65536)]


class Rule(Section):
    host: Annotated[str, Field(pattern=HOST)]
    """Name in lower case, or `*.example.org` for all names under it."""
    ports: Annotated[list[Port], Field(min_length=1)]
    groups: list[NotEmpty] | None
    """Groups whose members may; null for everybody."""


class EgressSettings(Section):
    version: Literal[1]
    listen: Annotated[str, Field(pattern=r"^[^:]+:\d{1,5}$")]
    """Address and port to listen on."""
    allow: list[Rule]
