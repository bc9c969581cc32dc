"""What the tasks of a service say about the server in it. Pure: takes the engine's answers.

A service has many tasks over time: each restart, and each move to another node, makes a new one.
"""

from dataclasses import dataclass
from typing import Any, Literal

FAILED = frozenset({"failed", "rejected", "orphaned", "remove"})

NO_NODE = "no suitable node"
"""How Swarm's scheduler begins its reason when no node can take a task."""

Task = dict[str, Any]
"""As the engine describes it."""


@dataclass(frozen=True)
class State:
    """Of the server in a service."""

    kind: Literal["starting", "running", "stopped", "failed"]
    reason: str = ""
    node: str = ""
    """Id of the node that runs it."""


def state(tasks: list[Task]) -> State:
    """The state of a server, from all tasks of its service."""
    wanted = [task for task in tasks if is_wanted(task)]
    newest = max(wanted or tasks, key=_age, default=None)
    if newest is None:
        return State("starting")
    status = newest["Status"]
    reason = describe(newest)
    match status["State"]:
        case "running":
            return State("running", node=newest.get("NodeID", ""))
        case "complete" | "shutdown":
            # It ended by itself with code 0, as when its user shuts it down: Swarm leaves it so.
            return State("stopped", "ended")
        case failed if failed in FAILED:
            # Swarm makes the next task at once, and it would be the newest.
            return State("failed", reason)
        case "pending" if NO_NODE in status.get("Err", ""):
            return State("starting", status["Err"])
        case _:
            return State("starting")


def is_wanted(task: Task) -> bool:
    """Whether Swarm runs a task or is about to: the next one of a failed server is `ready` for a while."""
    return task["DesiredState"] in ("running", "ready", "accepted")


def failure(tasks: list[Task]) -> str | None:
    """Why a new server will not start, or nothing while it still may. A task that failed is enough."""
    for task in sorted(tasks, key=_age):
        status = task["Status"]
        if status["State"] in FAILED or status["State"] == "complete":
            return describe(task)
        if status["State"] == "pending" and NO_NODE in status.get("Err", ""):
            return str(status["Err"])
    return None


def exit_code(tasks: list[Task]) -> int | None:
    """Exit code of the server that ended last, if one ran."""
    ended = [task for task in tasks if task["Status"]["State"] in ("failed", "complete")]
    last = max(ended, key=_age, default=None)
    return None if last is None else last["Status"].get("ContainerStatus", {}).get("ExitCode")


def occupies(task: Task) -> bool:
    """Whether a task may still have a container that answers under the service's name."""
    return task["Status"]["State"] in ("starting", "running")


def describe(task: Task) -> str:
    """State and reason of a task in a line."""
    status = task["Status"]
    reason = status.get("Err") or status.get("Message", "")
    code = status.get("ContainerStatus", {}).get("ExitCode")
    ended = f" (exit code {code})" if code else ""
    return f"{status['State']}: {reason}{ended}"


def _age(task: Task) -> tuple[str, str, int]:
    # Nanoseconds without trailing zeros: as text, "…01.5Z" would be newer than "…01.51Z".
    created = task["CreatedAt"].rstrip("Z")
    second, _, fraction = created.partition(".")
    return second, fraction.ljust(9, "0"), task["Version"]["Index"]
