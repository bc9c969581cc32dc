"""Waits for a new server to listen.

JupyterHub looks at a new server in intervals that grow, with chance in them: after two seconds, up to 3.2 s.
Here it is looked at often, so that the hub's first look finds it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

INTERVAL = 0.05
"""Seconds between two looks."""

CONNECT = 1.0
"""Seconds that a connection may take."""

ENDED_INTERVAL = 1.0
"""Seconds between two questions whether the server has ended."""

LONGEST = 10.0
"""Seconds. Then the hub waits alone, for `servers.httpTimeout`: its intervals add little to a slow start."""


async def wait(address: str, port: int, poll: Callable[[], Awaitable[Any]]) -> Any:
    """Waits until there is a listener, for LONGEST at most.

    `poll` gives None while the server runs; anything else that it gives is given to the caller: it has ended.
    """
    clock = asyncio.get_running_loop().time
    end = clock() + LONGEST
    ask = clock() + ENDED_INTERVAL
    while clock() < end:
        if await _listens(address, port):
            return None
        if clock() >= ask:
            ended = await poll()
            if ended is not None:
                return ended
            ask = clock() + ENDED_INTERVAL
        await asyncio.sleep(INTERVAL)
    return None


async def _listens(address: str, port: int) -> bool:
    try:
        async with asyncio.timeout(CONNECT):
            _, writer = await asyncio.open_connection(address, port)
    except OSError:
        # TimeoutError is one, too.
        return False
    writer.close()
    return True
