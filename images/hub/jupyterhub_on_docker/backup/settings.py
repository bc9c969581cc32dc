"""The settings file of the backup's container."""

from datetime import time
from typing import Annotated

from pydantic import Field

from ..config.base import AbsolutePath, NotEmpty, Section
from ..config.database import Database

VariableName = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]


class Keep(Section):
    """How many backups stay: of so many days, weeks and months the last one each."""

    daily: Annotated[int, Field(ge=1)]
    weekly: Annotated[int, Field(ge=0)]
    monthly: Annotated[int, Field(ge=0)]


class BackupSettings(Section):
    version: Annotated[int, Field(ge=1, le=1)]
    host: NotEmpty
    """Host that the snapshots carry: the prefix of the stack's names."""
    repository: NotEmpty
    at: time
    """Time of day of the daily backup, in UTC."""
    keep: Keep
    variables: dict[VariableName, NotEmpty]
    """Variables for restic by name: each with the name of the secret that has its value."""
    engine_volumes: AbsolutePath
    """Folder with the engine's volumes of the local driver, read-only."""
    data: NotEmpty
    """Name of the volume with the hub's data."""
    volumes: list[NotEmpty]
    """Names of people's volumes; `{username}` and `{folder}` in them stand for anything."""
    tree: AbsolutePath | None
    """Folder with all homes and folders, where they are not volumes."""
    database: Database
