"""Columns of JupyterHub that have too little room for addresses of people with long names.

A name of 255 characters takes up to 3,060 in an address. SQLite does not mind; PostgreSQL refuses the row,
and the person's server does not start.
"""

from jupyterhub import orm
from sqlalchemy import Connection, Unicode, inspect, text

COLUMNS = {
    "servers": ("base_url",),
    "oauth_clients": ("identifier", "description", "redirect_uri"),
    "oauth_codes": ("client_id", "redirect_uri"),
    "api_tokens": ("client_id", "note"),
}


def widen_models() -> None:
    """Tables that are made from now on have the room."""
    for table, columns in COLUMNS.items():
        for column in columns:
            orm.Base.metadata.tables[table].c[column].type = Unicode()


def widen(connection: Connection) -> list[str]:
    """Gives the tables that there are the room; says of which columns. It takes no copy of the rows."""
    if connection.dialect.name != "postgresql":
        return []
    there = set(inspect(connection).get_table_names())
    found = []
    for table in COLUMNS.keys() & there:
        for column in inspect(connection).get_columns(table):
            if column["name"] in COLUMNS[table] and getattr(column["type"], "length", None):
                connection.execute(text(f"ALTER TABLE {table} ALTER COLUMN {column['name']} TYPE text"))
                found.append(f"{table}.{column['name']}")
    return sorted(found)
