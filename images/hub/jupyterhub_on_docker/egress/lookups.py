"""Looks names up, so that who asks for many, or for slow ones, holds nobody else up."""

import asyncio
import socket
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .shares import Shares

LOOKUPS = 64
"""At a time; each has a thread of its own until the name servers answer or the C library gives up."""
LOOKUPS_EACH = 8
"""Names of one user at a time."""
TIMEOUT = 15.0
"""Seconds for an answer."""
KEPT = 10.0
"""Seconds for which an answer is good: that of a name's next connection."""
KEPT_NAMES = 512

Resolve = Callable[[str, int], Coroutine[Any, Any, list[str]]]


class TooMany(Exception):
    """One user's names, more than may be looked up at a time."""


class Names:
    def __init__(self, resolve: Resolve | None = None):
        self._resolve = resolve or self._ask
        self._threads = ThreadPoolExecutor(LOOKUPS, thread_name_prefix="names")
        self._shares = Shares(LOOKUPS, LOOKUPS_EACH)
        self._asked: dict[str, asyncio.Task[list[str]]] = {}
        self._known: OrderedDict[str, tuple[float, list[str]]] = OrderedDict()

    async def addresses(self, user: str, name: str, port: int) -> list[str]:
        """Addresses of a name. Raises TooMany, OSError where there is none, or TimeoutError."""
        until, found = self._known.get(name, (0.0, []))
        if until > asyncio.get_running_loop().time():
            return found
        # One question for all who ask the same at a time; it ends by itself.
        task = self._asked.get(name)
        if task is None:
            if not self._shares.take(user):
                raise TooMany
            task = self._asked[name] = asyncio.create_task(self._resolve(name, port))
            task.add_done_callback(lambda done: self._answered(user, name, done))
        return await asyncio.wait_for(asyncio.shield(task), TIMEOUT)

    def _answered(self, user: str, name: str, task: asyncio.Task[list[str]]) -> None:
        self._shares.give(user)
        del self._asked[name]
        if task.cancelled() or task.exception() is not None:
            return
        self._known[name] = (task.get_loop().time() + KEPT, task.result())
        self._known.move_to_end(name)
        if len(self._known) > KEPT_NAMES:
            self._known.popitem(last=False)

    async def _ask(self, name: str, port: int) -> list[str]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _lookup, name, port)
        return list(dict.fromkeys(found))


def _lookup(name: str, port: int) -> list[str]:
    return [str(info[4][0]) for info in socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)]
