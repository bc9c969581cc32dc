"""What the hub's pages tell people of their servers: how one was lost, and that one runs an older image."""

from collections.abc import Iterable, Iterator
from typing import Any

from .person import PersonalServer


def notices(user: Any, names: Iterable[str] | None = None) -> list[str]:
    """Sentences about the servers with these names; about all of the user's without any."""
    if names is None:
        allowed = user.allow_named_servers
        names = [name for name in sorted(user.orm_user.orm_spawners) if allowed or not name]
    return [notice for name in names for notice in _of(user.spawners[name], name)]


def _of(spawner: Any, name: str) -> Iterator[str]:
    if not isinstance(spawner, PersonalServer):
        # The extra configuration has a spawner of its own.
        return
    which = f"Server {name}: " if name else ""
    if spawner.ready:
        if spawner.runs_older_image:
            yield f"{which}Your server runs an older image. Stop it and start it again to get the new one."
    elif not spawner.active and (ended := spawner.last_end()) and ended.sentence:
        yield f"{which}{ended.sentence} ({ended.at:%Y-%m-%d %H:%M} UTC)"
