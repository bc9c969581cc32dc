"""The hub's database."""

from typing import Literal

from .base import AbsolutePath, Section


class Sqlite(Section):
    kind: Literal["sqlite"]
    path: AbsolutePath
