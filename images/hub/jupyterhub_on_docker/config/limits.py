"""What a server may use."""

from typing import Annotated

from pydantic import Field

from .base import PositiveInt, Section

UNLIMITED = -1
"""Swap that has no limit, as Docker writes it."""

Swap = Annotated[int, Field(ge=UNLIMITED)]
Cpus = Annotated[float, Field(gt=0)]


class Limits(Section):
    memory: PositiveInt
    """Bytes."""
    swap: Swap
    """Bytes on top of memory; -1 for as much as there is."""
    cpus: Cpus
    processes: PositiveInt


class SomeLimits(Section):
    """Limits of a group, a profile or a person: one that is missing says nothing."""

    memory: PositiveInt | None = None
    swap: Swap | None = None
    cpus: Cpus | None = None
    processes: PositiveInt | None = None
