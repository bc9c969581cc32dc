"""Copies of the database as SQLite files, made while the hub runs or not."""

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from jupyterhub import dbutil
from sqlalchemy import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from ..errors import SettingsError
from . import tables
from .connection import connect, file_of, is_sqlite, reason

SIDE_FILES = ("-journal", "-wal")
"""Ends of the files that a hub leaves beside its SQLite file when it is killed while it writes."""


def dump(url: URL, file: Path) -> None:
    """Writes all that is in the database, as of one moment, to `file`, for its owner only to read.

    The file is there when it is whole. SettingsError where it can't be made.
    """
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        if is_sqlite(url):
            copy_file(file_of(url), part)
        else:
            _from_tables(url, part)
        os.replace(part, file)
    except SQLAlchemyError as error:
        raise SettingsError(f"database: it could not be copied to {file}: {reason(error)}") from None
    except (sqlite3.Error, OSError) as error:
        raise SettingsError(f"database: it could not be copied to {file}: {error}") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def dated(folder: Path, what: str) -> Path:
    """Name of a copy made now: `jupyterhub-<what>-<UTC time>.sqlite`."""
    return folder / f"jupyterhub-{what}-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}.sqlite"


def copy_file(source: Path, target: Path) -> None:
    """Copies an SQLite database as it is at one moment, into another whose content goes.

    What a killed hub was writing is taken back first, as at the next start: that takes the right to write.
    """
    try:
        _back_up(source, target)
    except sqlite3.OperationalError:
        if not has_side_files(source):
            raise
        # On a volume that is mounted to be read only, a copy of the files is put in order instead.
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / source.name
            for end in ("", *SIDE_FILES):
                if (part := source.with_name(source.name + end)).exists():
                    shutil.copyfile(part, copy.with_name(copy.name + end))
            _back_up(copy, target)


def _back_up(source: Path, target: Path) -> None:
    mode = "rw" if has_side_files(source) else "ro"
    reading = sqlite3.connect(f"{source.as_uri()}?mode={mode}", uri=True)
    with closing(reading) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def has_side_files(file: Path) -> bool:
    """Whether an SQLite database has more than its file."""
    return any(file.with_name(file.name + end).exists() for end in SIDE_FILES)


def _from_tables(url: URL, file: Path) -> None:
    engine = connect(url).execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with engine.connect() as source, connect(sqlite_url(file)).begin() as target:
        tables.transfer(source, target)


def sqlite_url(file: Path) -> URL:
    return make_url(f"sqlite:///{file}")


def describe(file: Path) -> str:
    """What is in a copy, in one line. SettingsError where it is no copy that can be used here."""
    found = check(file)
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
        users = database.execute("SELECT count(*) FROM users").fetchone()[0]
        servers = database.execute("SELECT count(*) FROM spawners WHERE server_id IS NOT NULL").fetchone()[0]
    return f"schema {found}, {users} users, {servers} running servers"


def check(file: Path) -> str:
    """The schema's version of a copy that is whole, a JupyterHub's, and not of a newer one than this."""
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
            whole = database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            found = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
            revision = (
                database.execute("SELECT version_num FROM alembic_version").fetchone()
                if "alembic_version" in found
                else None
            )
    except sqlite3.Error as error:
        raise SettingsError(
            f"{file}: expected a copy of a hub's database, but reading it failed: {error}"
        ) from None
    if not whole:
        raise SettingsError(f"{file}: expected an intact copy of a hub's database, found a damaged one")
    if revision is None or not {"users", "spawners", "api_tokens"} <= found:
        raise SettingsError(f"{file}: expected a copy of a hub's database, found another program's database")
    if revision[0] not in revisions():
        raise SettingsError(f"{file}: its schema {revision[0]} is from a newer JupyterHub than this one")
    return str(revision[0])


def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", dbutil.ALEMBIC_DIR)
    return ScriptDirectory.from_config(config)


def revisions() -> set[str]:
    """Versions of the schema that this JupyterHub knows."""
    return {script.revision for script in _scripts().walk_revisions()}


def head() -> str:
    """The version of the schema that this JupyterHub works with."""
    return str(_scripts().get_current_head())
