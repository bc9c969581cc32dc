"""Who may log in, and how."""

from typing import Literal

from .base import NotEmpty, Section


class SharedPassword(Section):
    kind: Literal["shared-password"]
    users: list[NotEmpty]
    admins: list[NotEmpty]
