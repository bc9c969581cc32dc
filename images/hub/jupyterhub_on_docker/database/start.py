"""What is done with the database before JupyterHub starts.

The hub waits for it, restores a copy that lies ready, moves from SQLite, and makes a copy before an upgrade.
"""

import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import CalledProcessError

from jupyterhub import dbutil, orm
from sqlalchemy import URL, Connection, make_url
from sqlalchemy.exc import SQLAlchemyError

from ..config import Settings, Sqlite
from ..errors import SettingsError
from ..secrets import Secrets
from . import content, tables, upgrade, widths
from .connection import WAIT, address, connect, environment, file_of, is_sqlite, reason, wait_for
from .dump import SIDE_FILES, check, copy_file, dated, dump, has_side_files, head, sqlite_url
from .upgrade import say

RESTORE = "restore.sqlite"
"""A copy of this name in the hub's folder is put in place of the database at the next start."""

WITHOUT_THE_FILE = (
    "./hub pulumi config set --stack STACK --path jupyterhub:database.moveFrom nothing && ./up STACK"
)
"""STACK is for whoever shows the log: the hub does not know the name of its stack."""

SLACK = timedelta(minutes=5)
"""How much newer than its marker a file's content may be: clocks are set now and then."""


def prepare(settings: Settings, secrets: Secrets, wait: float = WAIT) -> dict[str, str]:
    """Makes the database ready, and returns the variables that JupyterHub needs to reach it.

    Raises SettingsError where it can't be reached, or what is asked for can't be done; nothing is changed.
    """
    database = settings.database
    url = address(database, secrets)
    folder = Path(settings.hub.data_dir)
    if isinstance(database, Sqlite):
        _restore(url, folder, file_of(url))
        _refuse_moved(file_of(url))
        if file_of(url).exists():
            upgrade.upgrade_file(url, folder)
        return {}
    widths.widen_models()
    wait_for(url, wait)
    file = None if database.move_from is None else Path(database.move_from)
    _restore(url, folder, file)
    if file:
        _move(url, file)
    upgrade.back_up(url, folder)
    _widen(url)
    return environment(url)


def _widen(url: URL) -> None:
    try:
        with connect(url).begin() as connection:
            found = widths.widen(connection)
    except SQLAlchemyError as error:
        raise SettingsError(f"database: {reason(error)}") from None
    if found:
        say(f"widened columns: {', '.join(found)}")


def marker(file: Path) -> Path:
    """The file that says that an SQLite database lives on elsewhere, and since when."""
    return file.with_name(f"{file.name}.moved")


def unmarked(file: Path) -> Path:
    """What is left of the marker where a copy was restored into the file, which counts again."""
    return marker(file).with_name(f"{marker(file).name}.before")


def mark(file: Path, into_empty: bool = False) -> None:
    """Says so from now on. The marker is there whole, or not at all.

    `into_empty`: what the file was moved to has nothing but its rows.
    """
    if not file.exists():
        return
    part = marker(file).with_name(f"{marker(file).name}.part")
    since = datetime.now(UTC).isoformat(timespec="seconds")
    part.write_text(json.dumps({"moved": since, **({"into": "empty"} if into_empty else {})}))
    os.replace(part, marker(file))


def _unmark(file: Path) -> None:
    if marker(file).exists():
        # A new file: who undoes it looks at its time, and a trial has links in its folder.
        unmarked(file).unlink(missing_ok=True)
        unmarked(file).touch()
        marker(file).unlink()


def moved_at(file: Path) -> datetime | None:
    """When an SQLite database was left behind; None where it was not."""
    try:
        since = datetime.fromisoformat(json.loads(marker(file).read_text())["moved"])
        return since if since.tzinfo else since.replace(tzinfo=UTC)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        # One that was cut off when the disk was full: it was written all the same.
        return datetime.fromtimestamp(marker(file).stat().st_mtime, UTC).replace(microsecond=0)


def _refuse_moved(file: Path) -> None:
    since = moved_at(file)
    if since is not None:
        raise SettingsError(
            f"database: {file} was moved to PostgreSQL on {since.isoformat()} and lacks all changes since. "
            "Set database back to PostgreSQL, or restore a copy with: "
            "./hub database restore FILE --at-next-start --stack STACK, then ./up STACK"
        )


def _restore(url: URL, folder: Path, sqlite_file: Path | None) -> None:
    """Puts a copy that lies ready in place of all that is in the database, which is copied before."""
    ready = folder / RESTORE
    if not ready.exists():
        return
    try:
        check(ready)
    except SettingsError as error:
        refused = ready.with_name(f"{ready.name}.refused")
        os.replace(ready, refused)
        raise SettingsError(f"{error}. Nothing was changed; the file is now {refused}") from None
    before = dated(folder, upgrade.BEFORE_RESTORE)
    if not is_sqlite(url) or file_of(url).exists():
        dump(url, before)
        say(f"saved the replaced content to {before}")
    if is_sqlite(url):
        copy_file(ready, file_of(url))
        _unmark(file_of(url))
    else:
        _fill(url, ready, replace=True)
        if sqlite_file:
            mark(sqlite_file)
    ready.unlink()
    say("restored")


def _move(url: URL, file: Path) -> None:
    """Takes over an SQLite database: into an empty database, and never again one that was left behind.

    SettingsError where both have content of people, and one is not the copy of the other: which of them
    counts is not for the hub to choose. Nothing is changed or marked then.
    """
    # A file without a byte is what is left of a hub that never got anywhere.
    if not file.exists() or file.stat().st_size == 0:
        return
    with connect(url).connect() as connection:
        empty = tables.is_empty(connection)
    moved = moved_at(file)
    if not empty:
        _choose(url, file, moved)
    elif moved is not None:
        say(f"PostgreSQL is empty, but {file} was moved before: remove {marker(file)} to move it again")
    else:
        counts = _fill(url, file, replace=False)
        mark(file, into_empty=True)
        rows = sum(counts.values())
        say(f"moved {counts['users']} users, {rows} rows in all, from {file}, which is kept unchanged")


def _choose(url: URL, file: Path, moved: datetime | None) -> None:
    """Goes on with a database that has content, where that is sure to be meant."""
    try:
        with _reading(file) as source, connect(url).connect() as target:
            left = content.look(source)
            if left is None or (moved and (left.newest is None or left.newest <= moved + SLACK)):
                return
            # A move that ended between the last row and the marker.
            finished = moved is None and content.is_copy(source, target)
            here = None if finished else content.look(target)
    except (SettingsError, SQLAlchemyError, ValueError) as error:
        if moved:
            return
        problem = reason(error) if isinstance(error, SQLAlchemyError) else error
        raise SettingsError(
            f"database: PostgreSQL has content, and {file} cannot be compared with it: {problem}. Nothing "
            f"was changed. To keep PostgreSQL's content: {WITHOUT_THE_FILE}"
        ) from None
    if finished:
        mark(file, into_empty=True)
        say(f"the interrupted move of {file} is complete")
        return
    there = here.describe() if here else "no users"
    though = f", although it was moved on {moved.isoformat()}" if moved else ""
    again = f"remove {marker(file)}, " if moved else ""
    raise SettingsError(
        f"database: expected content in PostgreSQL or in {file}, found it in both: PostgreSQL has {there}; "
        f"the file has {left.describe()}{though}. Nothing was changed. To keep PostgreSQL's content: "
        f"{WITHOUT_THE_FILE}. To keep the file's content: {again}set database.kind to sqlite, ./up STACK, "
        "./hub database dump hub.sqlite --stack STACK, "
        "./hub database restore hub.sqlite --at-next-start --stack STACK, "
        "then set database.kind to what it is now, and ./up STACK"
    )


@contextmanager
def _reading(file: Path) -> Iterator[Connection]:
    """A connection to an SQLite file that is not changed by it."""
    if not has_side_files(file):
        with connect(make_url(f"sqlite:///{file.as_uri()}?mode=ro&uri=true")).connect() as connection:
            yield connection
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        connect(sqlite_url(_copied(file, Path(folder)))).connect() as connection,
    ):
        yield connection


def _copied(file: Path, folder: Path) -> Path:
    """A copy of an SQLite file to read from, in which what a killed hub was writing is taken back."""
    copy = folder / "copy.sqlite"
    try:
        for end in ("", *SIDE_FILES):
            part = file.with_name(file.name + end)
            if part.exists():
                shutil.copyfile(part, copy.with_name(copy.name + end))
        with closing(sqlite3.connect(copy)) as database:
            database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except (sqlite3.Error, OSError) as error:
        raise SettingsError(f"{file}: expected a readable hub database: {error}") from None
    return copy


def _fill(url: URL, file: Path, replace: bool) -> dict[str, int]:
    """Copies an SQLite file's content in one transaction, with its schema upgraded where that is old."""
    with tempfile.TemporaryDirectory() as folder:
        copy = _copied(file, Path(folder))
        if check(copy) != head():
            try:
                dbutil.upgrade(str(sqlite_url(copy)))
            except CalledProcessError:
                raise SettingsError(
                    f"{file}: its schema could not be upgraded. Nothing was changed"
                ) from None
        try:
            with connect(sqlite_url(copy)).connect() as source, connect(url).begin() as target:
                if replace or tables.names(target):
                    tables.clear(target)
                orm.Base.metadata.create_all(target)
                return tables.transfer(source, target)
        except SQLAlchemyError as error:
            raise SettingsError(
                f"database: {file} could not be copied (nothing was changed): {reason(error)}"
            ) from None
