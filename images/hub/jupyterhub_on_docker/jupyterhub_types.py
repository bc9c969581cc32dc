"""What JupyterHub's authenticators take and give: it has no types for it."""

from typing import Any

AuthModel = dict[str, Any]
"""Who logs in: `name`, and where it is known `admin`, `groups` and `auth_state`."""

Handlers = list[tuple[Any, ...]]
"""Patterns of paths, each with its handler."""
