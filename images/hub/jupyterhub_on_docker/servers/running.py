"""Servers that run, as the engine tells of them. Pure: takes the engine's answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..labels import USER

TRIAL_VARIABLE = "JUPYTERHUB_SERVER_TRIAL"
"""Variable of servers that are started to see whether they do."""


@dataclass(frozen=True)
class Running:
    """A server that runs, with what the hub needs to know to go on with it."""

    id: str
    """Of the container or service."""
    name: str
    owner: str
    """By the label; empty where it has none."""
    since: datetime
    """Without a time zone, in UTC, as in the hub's database."""
    environment: Mapping[str, str] = field(repr=False)
    """With the server's token."""
    node: str = ""
    """Id of the node, in a Swarm."""

    @property
    def is_trial(self) -> bool:
        """Whether it is nobody's, and was made to see whether it starts: see `try_servers`."""
        return TRIAL_VARIABLE in self.environment


def of_container(container: Mapping[str, Any]) -> Running:
    """From the inspection of a container."""
    return Running(
        id=container["Id"],
        name=container["Name"].removeprefix("/"),
        owner=(container["Config"]["Labels"] or {}).get(USER, ""),
        since=_time(container["Created"]),
        environment=_environment(container["Config"]["Env"]),
    )


def of_service(service: Mapping[str, Any], tasks: Iterable[Mapping[str, Any]]) -> Running:
    """From the inspection of a service, and its tasks."""
    spec = service["Spec"]
    nodes = [task.get("NodeID", "") for task in tasks if task["Status"]["State"] == "running"]
    return Running(
        id=service["ID"],
        name=spec["Name"],
        owner=(spec.get("Labels") or {}).get(USER, ""),
        since=_time(service["CreatedAt"]),
        environment=_environment(spec["TaskTemplate"]["ContainerSpec"].get("Env")),
        node=nodes[0] if nodes else "",
    )


def _environment(lines: Iterable[str] | None) -> dict[str, str]:
    pairs = (line.partition("=") for line in lines or ())
    return {name: value for name, _, value in pairs}


def _time(text: str) -> datetime:
    # To the second: Go writes nanoseconds, as many digits as there are.
    return datetime.fromisoformat(text[: len("2026-11-21T09:00:00")])
