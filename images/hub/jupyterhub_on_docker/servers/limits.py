"""Which limit wins, where several places name one."""

from collections.abc import Sequence
from typing import Any

from ..config import Limits, SomeLimits
from ..config.limits import UNLIMITED

KEYS = tuple(Limits.model_fields)


def resolve(
    defaults: Limits,
    groups: Sequence[SomeLimits] = (),
    profile: SomeLimits | None = None,
    user: SomeLimits | None = None,
) -> Limits:
    """The limits of a server, each key by itself.

    What is nearest to the person wins: the person, then the profile, then the groups, then the defaults. Of
    several groups that name a key the largest value wins. Parts of the memory are never more than all of it,
    which may come from another place.
    """
    values = {key: _first(key, user, profile, *_largest(key, groups), defaults) for key in KEYS}
    for part in ("shm_size", "memory_reservation"):
        if values[part] is not None:
            values[part] = min(values[part], values["memory"])
    return Limits.model_validate(values, by_name=True)


def _first(key: str, *places: Limits | SomeLimits | None) -> Any:
    return next((value for place in places if (value := getattr(place, key, None)) is not None), None)


def _largest(key: str, groups: Sequence[SomeLimits]) -> list[SomeLimits]:
    """The group with the largest value, if one has any."""
    named = [group for group in groups if getattr(group, key) is not None]
    return [max(named, key=lambda group: _size(getattr(group, key)))] if named else []


def _size(value: float) -> float:
    return float("inf") if value == UNLIMITED else value


def host_config(limits: Limits) -> dict[str, int | None]:
    """Limits as the Docker client takes them: those that DockerSpawner has no traits for.

    None leaves it to the engine.
    """
    swap = UNLIMITED if limits.swap == UNLIMITED else limits.memory + limits.swap
    return {
        "memswap_limit": swap,
        "pids_limit": limits.processes,
        "shm_size": limits.shm_size,
        "mem_reservation": limits.memory_reservation,
        "cpu_shares": limits.cpu_shares,
    }
