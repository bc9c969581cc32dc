"""The egress proxy's settings file."""

from typing import Annotated

from pydantic import Field

from ..config.base import NotEmpty, Section, ServerSettings

HOST = r"^(\*\.)?([a-z0-9-]+\.)+[a-z0-9-]+$"
Port = Annotated[int, Field(gt=0, lt=65536)]


class Rule(Section):
    host: Annotated[str, Field(pattern=HOST)]
    """Name in lower case, or `*.example.org` for all names under it."""
    ports: Annotated[list[Port], Field(min_length=1)]
    groups: list[NotEmpty] | None
    """Groups whose members may; null for everybody."""


class EgressSettings(ServerSettings):
    allow: list[Rule]
