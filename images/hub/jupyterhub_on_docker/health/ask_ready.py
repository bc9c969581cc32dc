"""The question that `readiness` answers, asked in the hub's container. Standard library only: people wait."""

from http.client import HTTPException
from typing import Any

from .. import inside, paths

PURPOSE = "readiness"


def ask() -> dict[str, Any]:
    """The parts of this container's hub: None for one that is well, else what is wrong and since when."""
    try:
        found: dict[str, Any] = inside.ask(PURPOSE, "ready")
    except (OSError, HTTPException, ValueError) as error:
        return _silent(str(error) or type(error).__name__)
    return {**found, "parts": {"hub": None, **found["parts"]}}


def _silent(reason: str) -> dict[str, Any]:
    problem = f"the hub does not answer on port {paths.HUB_PORT}: {reason}"
    return {"version": 1, "parts": {"hub": {"problem": problem, "since": None}}}
