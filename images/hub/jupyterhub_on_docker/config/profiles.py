"""Kinds of servers that people choose from."""

from typing import Annotated

from pydantic import Field

from .base import AbsolutePath, NotEmpty, Section
from .environment import Variables
from .limits import SomeLimits


class GpuRequest(Section):
    count: Annotated[int, Field(ge=-1)]
    """How many; -1 for all, 0 where ids are given."""
    ids: list[NotEmpty]


class Profile(Variables):
    slug: Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$")]
    name: NotEmpty
    description: str
    default: bool
    image: NotEmpty
    command: list[str] | None
    """Command, or null for that of servers without a profile."""
    start_page: AbsolutePath | None
    limits: SomeLimits
    gpus: GpuRequest | None
    users: list[NotEmpty]
    groups: list[NotEmpty]
    """Who may choose it: who is among the users or in one of the groups; everybody where both are empty."""
