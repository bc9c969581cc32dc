"""Which nodes there are, and which of them can take a server. Pure: takes the engine's answers."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Node:
    id: str
    name: str
    """Host name."""
    ready: bool
    active: bool
    """Takes new tasks: not drained, not paused."""
    role: str = "worker"
    labels: dict[str, str] = field(default_factory=dict, compare=False)

    def fits(self, key: str, value: str) -> bool:
        """Whether a constraint `key==value` holds; what is not known here is left to Swarm."""
        if key.startswith("node.labels."):
            return self.labels.get(key.removeprefix("node.labels.")) == value
        mine = {"node.id": self.id, "node.hostname": self.name, "node.role": self.role}
        return mine.get(key, value) == value

    def allowed_by(self, constraints: list[str]) -> bool:
        for constraint in constraints:
            operator = "!=" if "!=" in constraint else "=="
            key, _, value = (part.strip() for part in constraint.partition(operator))
            known = key.startswith("node.labels.") or key in ("node.id", "node.hostname", "node.role")
            if known and self.fits(key, value) != (operator == "=="):
                return False
        return True


def parse(answers: list[dict[str, Any]]) -> list[Node]:
    return [
        Node(
            id=node["ID"],
            name=node["Description"]["Hostname"],
            ready=node["Status"]["State"] == "ready",
            active=node["Spec"]["Availability"] == "active",
            role=node["Spec"]["Role"],
            labels=node["Spec"].get("Labels") or {},
        )
        for node in answers
    ]


def home_label(prefix: str, user: str) -> str:
    """Label of the node that a local home was moved to. `user` is the name as in names of volumes."""
    return f"org.jupyterhub.home.{prefix}.{user}"


def with_label(nodes: list[Node], label: str) -> Node | None:
    return next((node for node in nodes if label in node.labels), None)


def find(nodes: list[Node], identifier: str) -> Node | None:
    return next((node for node in nodes if node.id == identifier), None)


def running_on(tasks: list[dict[str, Any]]) -> set[str]:
    """Ids of the nodes where a service runs: a pre-puller where the image is, the firewall where rules."""
    return {
        task["NodeID"]
        for task in tasks
        if task["DesiredState"] == "running" and task["Status"]["State"] == "running"
    }


def closed(nodes: list[Node], having: set[str]) -> list[Node]:
    """Nodes where the firewall does not run now: nobody starts there, whatever is at stake."""
    return [node for node in nodes if node.ready and node.active and node.id not in having]


def unprepared(nodes: list[Node], having: set[str]) -> list[Node]:
    """Nodes that would have to fetch the image first. None where no node has it: then any may begin."""
    usable = {node.id for node in nodes if node.ready and node.active}
    if not usable & having:
        return []
    return [node for node in nodes if node.id in usable - having]


def cannot_serve(node: Node | None, name: str, closed: list[Node]) -> str | None:
    """Why a server whose home is on this node cannot start now, for its user; nothing if it can.

    `closed`: nodes without the firewall.
    """
    match node:
        case None:
            return f"Your files are on {name}, which is gone. Ask an administrator to restore them."
        case Node(ready=False):
            return f"Your files are on {node.name}, which is down. Your server can start once it is back."
        case Node(active=False):
            return f"Your files are on {node.name}, which is closed for maintenance. Try again later."
        case node if node in closed:
            return (
                f"Your files are on {node.name}, whose firewall is not running. "
                "Ask an administrator to check the hub's firewall service."
            )
    return None


def choose(nodes: list[Node], allowed: list[str], load: dict[str, int]) -> Node | None:
    """The node for a new local home: of those that may, the one with the fewest servers."""
    candidates = [node for node in nodes if node.ready and node.active and node.id in allowed]
    return min(candidates, key=lambda node: (load.get(node.id, 0), node.name), default=None)
