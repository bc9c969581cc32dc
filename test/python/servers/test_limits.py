"""Which limit wins."""

import itertools
import random

import pytest

from jupyterhub_on_docker.config import Limits, SomeLimits
from jupyterhub_on_docker.servers.limits import KEYS, host_config, resolve

DEFAULTS = Limits(memory=100, swap=0, cpus=1.0, processes=64)


def test_without_anything_else_the_defaults_hold():
    assert resolve(DEFAULTS) == DEFAULTS


def test_the_nearest_to_the_person_wins_key_by_key():
    groups = [SomeLimits(memory=200, swap=10, cpus=2.0, processes=200)]
    profile = SomeLimits(memory=50, cpus=0.5)
    user = SomeLimits(memory=300)
    assert resolve(DEFAULTS, groups, profile, user) == Limits(memory=300, swap=10, cpus=0.5, processes=200)


def test_of_several_groups_the_largest_wins_key_by_key():
    groups = [SomeLimits(memory=10, cpus=4.0), SomeLimits(memory=20, cpus=3.0), SomeLimits(processes=100)]
    assert resolve(DEFAULTS, groups) == Limits(memory=20, swap=0, cpus=4.0, processes=100)


def test_no_limit_of_swap_is_the_largest():
    assert resolve(DEFAULTS, [SomeLimits(swap=10), SomeLimits(swap=-1)]).swap == -1
    assert resolve(DEFAULTS, [SomeLimits(swap=-1)], user=SomeLimits(swap=0)).swap == 0


@pytest.mark.parametrize(("swap", "expected"), [(0, 100), (28, 128), (-1, -1)])
def test_the_engine_counts_memory_and_swap_together(swap, expected):
    limits = DEFAULTS.model_copy(update={"swap": swap})
    found = host_config(limits)
    assert (found["memswap_limit"], found["pids_limit"]) == (expected, 64)


def test_what_the_engine_has_a_default_for_is_left_to_it_unless_it_is_said():
    # None, and not nothing: what a server has had before is none of the next one's.
    left = {"shm_size": None, "mem_reservation": None, "cpu_shares": None}
    assert left.items() <= host_config(DEFAULTS).items()
    limits = resolve(DEFAULTS, user=SomeLimits(**{"shmSize": 90, "memoryReservation": 50, "cpuShares": 2048}))
    assert {"shm_size": 90, "mem_reservation": 50, "cpu_shares": 2048}.items() <= host_config(limits).items()


def test_parts_of_the_memory_are_never_more_than_all_of_it():
    limits = resolve(
        DEFAULTS, [SomeLimits(**{"shmSize": 500, "memoryReservation": 500})], user=SomeLimits(memory=70)
    )
    assert (limits.shm_size, limits.memory_reservation) == (70, 70)


def anything(random):
    """Limits with any keys and values."""
    values = {
        "memory": random.randint(1, 9),
        "swap": random.randint(-1, 9),
        "cpus": random.choice([0.5, 1.0, 2.0]),
        "processes": random.randint(1, 9),
    }
    return SomeLimits(**{key: value for key, value in values.items() if random.random() < 0.5})


@pytest.mark.parametrize("seed", range(300))
def test_whatever_is_written_where(seed):
    source = random.Random(seed)
    groups = [anything(source) for _ in range(source.randint(0, 4))]
    profile, user = anything(source), anything(source)
    resolved = resolve(DEFAULTS, groups, profile, user)
    for key in KEYS:
        value = getattr(resolved, key)
        named = [getattr(group, key) for group in groups if getattr(group, key) is not None]
        # Each value was written somewhere: the person's if there is one, then the profile's, and so on.
        if (own := getattr(user, key)) is not None:
            assert value == own
        elif (of_profile := getattr(profile, key)) is not None:
            assert value == of_profile
        elif named:
            assert value in named
            assert value == -1 or all(-1 < other <= value for other in named)
        else:
            assert value == getattr(DEFAULTS, key)
    # The order of groups means nothing, and saying a thing twice neither.
    for order in itertools.islice(itertools.permutations(groups), 6):
        assert resolve(DEFAULTS, order, profile, user) == resolved
    assert resolve(DEFAULTS, groups + groups, profile, user) == resolved
    # A group more takes nothing away where neither person nor profile says anything.
    more = resolve(DEFAULTS, [*groups, anything(source)], None, None)
    less = resolve(DEFAULTS, groups, None, None)
    if any(group.memory for group in groups):
        assert more.memory >= less.memory
