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
    shm_size: PositiveInt | None = None
    """Bytes of shared memory; null for the engine's default."""
    memory_reservation: PositiveInt | None = None
    """Bytes that are left to the server when memory is short; null for none."""
    cpu_shares: PositiveInt | None = None
    """Weight where all processors are busy; null for the engine's default."""


class SomeLimits(Section):
    """Limits of a group, a profile or a person: one that is missing says nothing."""

    memory: PositiveInt | None = None
    swap: Swap | None = None
    cpus: Cpus | None = None
    processes: PositiveInt | None = None
    shm_size: PositiveInt | None = None
    memory_reservation: PositiveInt | None = None
    cpu_shares: PositiveInt | None = None
