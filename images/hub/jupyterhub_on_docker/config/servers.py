"""Notebook servers that run: how many, for how long, and when they are stopped."""

from typing import Annotated, Literal

from pydantic import Field

from .base import NotEmpty, PositiveInt, Section

Count = Annotated[int, Field(ge=0)]


class IdleException(Section):
    """Times in place of those for all others. Null: never."""

    kind: Literal["group", "profile"]
    name: NotEmpty
    timeout: PositiveInt | None
    max_age: PositiveInt | None


class Idle(Section):
    """Seconds; null: never."""

    timeout: PositiveInt | None
    max_age: PositiveInt | None
    check_interval: PositiveInt
    users: bool
    """Remove idle people from the hub, too."""
    exceptions: list[IdleException]


class Servers(Section):
    idle: Idle | None
    """Null: no server is stopped for being idle or old."""
    shutdown_on_logout: bool
    named: Count
    """Named servers that a person may have beside the default one."""
    concurrent_spawn_limit: Count
    active_server_limit: Count
    start_timeout: PositiveInt
    http_timeout: PositiveInt
    activity_interval: PositiveInt
    """Seconds between a server's reports of its last activity."""
    last_activity_interval: PositiveInt
    """Seconds between the hub's looks at the proxy's routes."""
    disable_user_config: bool
