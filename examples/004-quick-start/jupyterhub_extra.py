"""What has no key in the stack file: servers are told how long they may be idle, in words."""

import humanize

IDLE_SECONDS = 300


async def tell_idle_time(spawner):
    spawner.environment = {**spawner.environment, "IDLE_TIME": humanize.naturaldelta(IDLE_SECONDS)}


c.Spawner.pre_spawn_hook = tell_idle_time  # noqa: F821
