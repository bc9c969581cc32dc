"""Where the database is. Passwords are kept out of addresses that JupyterHub sees, since it logs them."""

import time
from pathlib import Path
from typing import assert_never

from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from ..config import Database, Postgres, Sqlite, Url
from ..errors import SettingsError
from ..secrets import Secrets

DRIVER = "postgresql+psycopg"

DEFAULTS = {
    # The hub does nothing else while it connects.
    "connect_timeout": "5",
    "application_name": "jupyterhub",
}
"""Options of the connection, where the address has none of its own."""

WAIT = 60.0
"""Seconds that the hub waits for its database."""

FINAL = ("authentication failed", "does not exist", "no pg_hba.conf entry", "certificate", "SSL")
"""Parts of messages that waiting does not change."""


def address(database: Database, secrets: Secrets) -> URL:
    """The database's address, with its password. SettingsError where the secret is none."""
    match database:
        case Sqlite():
            return _sqlite(database)
        case Postgres():
            return _postgres(database, secrets)
        case Url():
            return _url(database, secrets)
        case other:
            assert_never(other)


def _sqlite(database: Sqlite) -> URL:
    # An absolute path, so four slashes: JupyterHub's backup takes the file's name from behind three.
    return make_url(f"sqlite:///{database.path}")


def _postgres(database: Postgres, secrets: Secrets) -> URL:
    return URL.create(
        DRIVER,
        username=database.user,
        password=secrets.text("database_password"),
        host=database.host,
        port=database.port,
        database=database.name,
        query=DEFAULTS,
    )


def _url(database: Url, secrets: Secrets) -> URL:
    expected = "database_url: expected postgresql://user:password@host:port/name"
    try:
        given = make_url(secrets.text("database_url"))
    except (ArgumentError, ValueError):
        raise SettingsError(expected) from None
    if given.drivername not in ("postgres", "postgresql", DRIVER) or not given.database:
        raise SettingsError(expected)
    query = {**DEFAULTS, **given.query}
    password = query.pop("password", None)
    if not isinstance(password, str):
        password = given.password
    if database.ca is not None:
        query["sslrootcert"] = database.ca
    user, host, port, name = given.username, given.host, given.port, given.database
    return URL.create(DRIVER, user, password, host, port, name, query)


def is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def file_of(url: URL) -> Path:
    """The file of an SQLite database."""
    return Path(str(url.database))


def without_password(url: URL) -> str:
    """The address as JupyterHub gets it."""
    bare = URL.create(url.drivername, url.username, None, url.host, url.port, url.database, url.query)
    return bare.render_as_string(hide_password=False)


def environment(url: URL) -> dict[str, str]:
    """Variables that complete `without_password`; the hub does not hand them on to anything it starts."""
    return {} if url.password is None else {"PGPASSWORD": str(url.password)}


def connect(url: URL) -> Engine:
    """An engine whose errors never show values, and that keeps no connection."""
    return create_engine(url, poolclass=NullPool, hide_parameters=True)


def wait_for(url: URL, wait: float = WAIT) -> None:
    """Returns once the database lets the hub in.

    SettingsError if not in `wait` seconds, and at once where waiting does not help.
    """
    deadline = time.monotonic() + wait
    engine = connect(url)
    while True:
        try:
            with engine.connect():
                return
        except OperationalError as error:
            problem = reason(error)
            if time.monotonic() >= deadline or any(part in problem for part in FINAL):
                raise SettingsError(f"database: no connection to {_place(url)}: {problem}") from None
        time.sleep(0.25)


def _place(url: URL) -> str:
    port = f":{url.port}" if url.port else ""
    return f"{url.host or 'localhost'}{port}, database {url.database}"


def reason(error: SQLAlchemyError) -> str:
    """What the database says, in one line: without the statement and its values."""
    original = getattr(error, "orig", None)
    primary = getattr(getattr(original, "diag", None), "message_primary", None)
    text = primary or str(original or error)
    return "; ".join(line.strip() for line in text.splitlines() if line.strip())
