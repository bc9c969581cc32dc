"""The hub's database."""

from typing import Annotated, Literal

from pydantic import Field

from .base import AbsolutePath, NotEmpty, PositiveInt, Section


class Sqlite(Section):
    kind: Literal["sqlite"]
    path: AbsolutePath


class Postgres(Section):
    """PostgreSQL of the stack's own. The password is the secret `database_password`."""

    kind: Literal["postgres"]
    host: NotEmpty
    port: PositiveInt
    name: NotEmpty
    user: NotEmpty
    move_from: AbsolutePath | None
    """SQLite file whose content is taken over while the database is empty."""


class Url(Section):
    """PostgreSQL of somebody else. The address is the secret `database_url`."""

    kind: Literal["url"]
    ca: AbsolutePath | None
    """PEM file with the authorities that the server's certificate is checked against."""
    move_from: AbsolutePath | None


Database = Annotated[Sqlite | Postgres | Url, Field(discriminator="kind")]
