"""What is in a database: whether it is worth keeping, how new it is, and whether another one has the same."""

import json
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection, MetaData, Table, func, select

from ..rights import memory
from .tables import VERSION

AUTOMATIC = frozenset(
    {
        VERSION,
        memory.TABLE.name,
        "roles",
        "services",
        "oauth_clients",
        "oauth_codes",
        "api_tokens",
        "servers",
    }
)
"""Tables that a hub fills by itself. Tokens and servers of people come with rows of users."""

DATES = {
    "users": ("created", "last_activity"),
    "api_tokens": ("created", "last_activity"),
    "spawners": ("started", "last_activity"),
}
"""Where JupyterHub writes down when something was done, in UTC."""


class Content(NamedTuple):
    people: int
    newest: datetime | None
    """When somebody last did something, or something was made."""

    def describe(self) -> str:
        newest = f"{self.newest:%Y-%m-%d %H:%M} UTC" if self.newest else "at an unknown time"
        return f"{self.people} users, last changed {newest}"


def look(connection: Connection) -> Content | None:
    """What people have in a database; None where all rows are those that a hub makes by itself."""
    tables = reflect(connection)
    if not any(_has_rows(connection, table) for name, table in tables.items() if _is_kept(name)):
        return None
    users = tables.get("users")
    people = 0 if users is None else connection.execute(select(func.count()).select_from(users)).scalar_one()
    return Content(people, _newest(connection, tables))


def reflect(connection: Connection) -> dict[str, Table]:
    metadata = MetaData()
    metadata.reflect(connection)
    return dict(metadata.tables)


def _is_kept(name: str) -> bool:
    return name not in AUTOMATIC and not name.endswith("_role_map")


def _has_rows(connection: Connection, table: Table) -> bool:
    return connection.execute(select(1).select_from(table).limit(1)).first() is not None


def _newest(connection: Connection, tables: dict[str, Table]) -> datetime | None:
    found = []
    for name, columns in DATES.items():
        table = tables.get(name)
        if table is None:
            continue
        for column in columns:
            if column in table.columns:
                # A date that is none says nothing.
                with suppress(ValueError):
                    newest = select(func.max(table.columns[column]))
                    found.append(connection.execute(newest).scalar_one())
    dates = [date.replace(tzinfo=UTC) for date in found if isinstance(date, datetime)]
    return max(dates, default=None)


def is_copy(source: Connection, target: Connection) -> bool:
    """Whether `target` has the very rows of `source`, as right after a move."""
    origin, copy = reflect(source), reflect(target)
    for name, table in origin.items():
        if name == VERSION:
            continue
        there = copy.get(name)
        if there is None:
            if _has_rows(source, table):
                return False
            continue
        # That of a newer hub may have more columns.
        columns = [column.name for column in table.columns if column.name in there.columns]
        if _rows(source, table, columns) != _rows(target, there, columns):
            return False
    return True


def _rows(connection: Connection, table: Table, columns: list[str]) -> Counter[tuple[object, ...]]:
    rows = connection.execute(select(*(table.columns[column] for column in columns)))
    return Counter(tuple(_plain(value) for value in row) for row in rows)


def _plain(value: object) -> object:
    """A value as both kinds of database have it."""
    if isinstance(value, memoryview | bytearray):
        return bytes(value)
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return json.dumps(value, sort_keys=True) if isinstance(value, dict | list) else value
