"""Copies all tables of one database into another, of whatever kind each is."""

from sqlalchemy import Connection, Integer, MetaData, Table, func, insert, inspect, select, text

from ..errors import SettingsError

BATCH = 500
"""Rows that are read and written at a time."""

VERSION = "alembic_version"
"""Table with the version of the schema."""


def names(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


def is_empty(connection: Connection) -> bool:
    """Whether no table has a row. The schema's version alone is nothing worth keeping."""
    tables = _reflect(connection)
    return not any(
        connection.execute(select(1).select_from(table).limit(1)).first()
        for name, table in tables.tables.items()
        if name != VERSION
    )


def version(connection: Connection) -> str | None:
    """The version of the schema, or none where there is no schema."""
    if VERSION not in names(connection):
        return None
    row = connection.execute(text(f"SELECT version_num FROM {VERSION}")).first()
    return None if row is None else row[0]


def clear(connection: Connection) -> None:
    """Removes all tables, and what is in them."""
    _reflect(connection).drop_all(connection)


def transfer(source: Connection, target: Connection) -> dict[str, int]:
    """Copies the rows of all tables, and makes the tables that `target` lacks.

    Returns the number of rows of each table, which is verified. The caller's transaction holds all of it.
    SettingsError where a table does not fit.
    """
    origin, known = _reflect(source), names(target)
    metadata = _reflect(target)
    for table in origin.sorted_tables:
        if table.name not in known:
            _generic(table, metadata)
    metadata.create_all(target)
    # As they are now in the database: JupyterHub's own classes would encode what is encoded already.
    counts = {}
    for table in _reflect(target).sorted_tables:
        if table.name in origin.tables:
            counts[table.name] = _copy(source, origin.tables[table.name], target, table)
    return counts


def _reflect(connection: Connection) -> MetaData:
    metadata = MetaData()
    metadata.reflect(connection)
    return metadata


def _generic(table: Table, metadata: MetaData) -> None:
    """The table in words that every kind of database knows."""
    copy = table.to_metadata(metadata)
    for column in copy.columns:
        column.type = column.type.as_generic()
        # PostgreSQL's names a sequence; and rows come with all their values.
        column.server_default = None


def _copy(source: Connection, origin: Table, target: Connection, table: Table) -> int:
    unknown = set(origin.columns.keys()) - set(table.columns.keys())
    if unknown:
        raise SettingsError(f"database: table {table.name} has no column {', '.join(sorted(unknown))}")
    if table.name == VERSION:
        target.execute(table.delete())
    for rows in source.execute(select(origin).execution_options(yield_per=BATCH)).mappings().partitions():
        target.execute(insert(table), [dict(row) for row in rows])
    there, here = _count(source, origin), _count(target, table)
    if here != there:
        raise SettingsError(f"database: table {table.name} has {here} rows after copying {there}")
    if target.dialect.name == "postgresql":
        _reset_sequence(target, table)
    return here


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _reset_sequence(target: Connection, table: Table) -> None:
    """Has new rows go on counting behind those that were copied."""
    for column in table.primary_key.columns:
        if not isinstance(column.type, Integer):
            continue
        quoted = target.dialect.identifier_preparer.format_table(table)
        sequence = target.execute(select(func.pg_get_serial_sequence(quoted, column.name))).scalar_one()
        if sequence is not None:
            last = select(func.coalesce(func.max(column), 0) + 1).scalar_subquery()
            target.execute(select(func.setval(sequence, last, False)))
