"""What the hub remembers of the configuration: in its database, so that a copy or a move has it as well."""

import json
import logging
import re
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator
from sqlalchemy import Column, Integer, MetaData, Table, Text, insert, select, update
from sqlalchemy.orm import Session

log = logging.getLogger(__name__)

TABLE = Table(
    "configured_rights",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("rights", Text, nullable=False),
)
ROW = 1


class Memory(BaseModel):
    """Names and rules that the configuration had when the hub last looked."""

    # A hub of another version may have written it.
    model_config = ConfigDict(frozen=True, extra="ignore")

    users: frozenset[str] = frozenset()
    """Who might log in, by name: administrators too."""
    admins: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()
    """Other rules that let people in."""
    bounds: str = ""
    """What all people had to be: known to which service, of which domain."""
    group_rules: frozenset[str] = frozenset()
    """Groups whose members might log in."""
    manages_groups: bool = False
    """Groups were the login service's."""
    groups: dict[str, frozenset[str]] = {}
    """Members of the hub's groups, as `load_groups` has them."""
    roles: dict[str, dict[str, frozenset[str]]] = {}
    """Groups and services that had a role of JupyterHub's own."""
    left: dict[str, str] = {}
    """Who was taken out of the lists and is still known to the hub, with the time since when it knows them.
    Whom an administrator adds anew is somebody else."""
    stop: frozenset[str] = frozenset()
    """Whose servers are still to be stopped."""

    @field_validator("bounds")
    @classmethod
    def _kind_alone(cls, bounds: str) -> str:
        """Without what stands before an authenticator: a version had that in here, too."""
        return re.sub(r"^(Named|Guarded)+", "", bounds)


def load(db: Session) -> Memory | None:
    """What is remembered; None for nothing: the database is new, or of a version that did not remember."""
    connection = db.connection()
    TABLE.create(connection, checkfirst=True)
    text = connection.execute(select(TABLE.c.rights).where(TABLE.c.id == ROW)).scalar_one_or_none()
    if text is None:
        return None
    try:
        return Memory.model_validate_json(text)
    except ValidationError:
        log.error("Cannot read the hub's record of its previous configuration: continuing without it")
        return None


def save(db: Session, memory: Memory) -> None:
    """Within the session's transaction: rights and memory change together, or neither does."""
    connection = db.connection()
    text = json.dumps(_sorted(memory.model_dump()), sort_keys=True)
    changed = connection.execute(update(TABLE).where(TABLE.c.id == ROW).values(rights=text))
    if changed.rowcount == 0:
        connection.execute(insert(TABLE).values(id=ROW, rights=text))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return sorted(value)
    return value
