"""Images that a newer one has replaced: removed when the last server on them stops."""

import asyncio
from http import HTTPStatus
from typing import Any

from docker.errors import APIError
from requests import RequestException

ATTEMPTS = 30
INTERVAL = 1.0
"""Seconds. The engine may still be removing the container that stopped."""

_tasks: set[asyncio.Task[None]] = set()


def remove_later(spawner: Any, image: str) -> None:
    """Removes an image in the background: nobody waits for it, and no stop fails for it."""
    task = asyncio.ensure_future(remove(spawner, image))
    # The loop itself holds its tasks weakly.
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def remove(spawner: Any, image: str) -> None:
    """Removes an image, unless another server uses it or it has gone."""
    problem: Exception | None = None
    for _ in range(ATTEMPTS):
        try:
            await spawner.docker("remove_image", image)
        except APIError as error:
            if error.status_code == HTTPStatus.NOT_FOUND:
                return
            if error.status_code == HTTPStatus.FORBIDDEN:
                spawner.log.warning("Not allowed to remove old image %s: %s", image, error)
                return
            problem = error
        except RequestException as error:
            # An engine that is busy building takes its time, and goes on when nobody waits any more.
            problem = error
        else:
            spawner.log.info("Removed old image %s", image)
            return
        await asyncio.sleep(INTERVAL)
    spawner.log.info("Could not remove old image %s: %s", image, problem)
