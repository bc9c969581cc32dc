"""What is done with the database before JupyterHub starts.

The hub waits for it, restores a copy that lies ready, moves from SQLite, and makes a copy before an upgrade.
"""

import json
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CalledProcessError

from jupyterhub import dbutil, orm
from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError

from ..config import Settings
from ..errors import SettingsError
from ..secrets import Secrets
from . import tables
from .connection import WAIT, address, connect, environment, is_sqlite, reason, wait_for
from .dump import check, copy_file, dated, dump, head, sqlite_url

RESTORE = "restore.sqlite"
"""A copy of this name in the hub's folder is put in place of the database at the next start."""


def prepare(settings: Settings, secrets: Secrets, wait: float = WAIT) -> dict[str, str]:
    """Makes the database ready, and returns the variables that JupyterHub needs to reach it.

    Raises SettingsError where it can't be reached, or what is asked for can't be done; nothing is changed.
    """
    url = address(settings.database, secrets)
    folder = Path(settings.hub.data_dir)
    if is_sqlite(url):
        _restore(url, folder, Path(url.database))
        _refuse_moved(Path(url.database))
        return {}
    wait_for(url, wait)
    file = settings.database.move_from and Path(settings.database.move_from)
    _restore(url, folder, file)
    if file:
        _move(url, file)
    _back_up(url, folder)
    return environment(url)


def _say(text: str) -> None:
    print(f"jupyterhub-on-docker: database: {text}", flush=True)


def marker(file: Path) -> Path:
    """The file that says that an SQLite database lives on elsewhere, and since when."""
    return file.with_name(f"{file.name}.moved")


def _mark(file: Path) -> None:
    if file.exists() and not marker(file).exists():
        marker(file).write_text(json.dumps({"moved": datetime.now(UTC).isoformat(timespec="seconds")}))


def _refuse_moved(file: Path) -> None:
    if not marker(file).exists():
        return
    since = json.loads(marker(file).read_text())["moved"]
    raise SettingsError(
        f"database: {file} was moved to PostgreSQL on {since}: what changed since is not in it. Set database "
        "back to where it was, or bring a copy with: npm run database -- restore FILE"
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
        raise SettingsError(f"{error}. Nothing was changed; the file is {refused} now") from None
    before = dated(folder, "before-restore")
    if not is_sqlite(url) or Path(url.database).exists():
        dump(url, before)
        _say(f"what was in it is in {before}")
    if is_sqlite(url):
        copy_file(ready, Path(url.database))
        marker(Path(url.database)).unlink(missing_ok=True)
    else:
        _fill(url, ready, replace=True)
        if sqlite_file:
            _mark(sqlite_file)
    ready.unlink()
    _say("restored")


def _move(url: URL, file: Path) -> None:
    """Takes over an SQLite database: into an empty database, and never again one that was left behind."""
    if not file.exists():
        return
    with connect(url).connect() as connection:
        empty = tables.is_empty(connection)
    if not empty:
        _mark(file)
    elif marker(file).exists():
        _say(f"it is empty, and {file} was moved before: remove {marker(file)} to have it moved again")
    else:
        counts = _fill(url, file, replace=False)
        _mark(file)
        rows = sum(counts.values())
        _say(f"moved from {file}, which stays as it is: {counts['users']} users, {rows} rows")


def _fill(url: URL, file: Path, replace: bool) -> dict[str, int]:
    """Copies an SQLite file's content in one transaction, with its schema upgraded where that is old."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy.sqlite")
        copy_file(file, copy)
        if check(copy) != head():
            try:
                dbutil.upgrade(str(sqlite_url(copy)))
            except CalledProcessError:
                raise SettingsError(
                    f"{file}: its schema could not be upgraded; nothing was changed"
                ) from None
        try:
            with connect(sqlite_url(copy)).connect() as source, connect(url).begin() as target:
                if replace or tables.names(target):
                    tables.clear(target)
                orm.Base.metadata.create_all(target)
                return tables.transfer(source, target)
        except SQLAlchemyError as error:
            raise SettingsError(
                f"database: {file} could not be copied, and nothing was changed: {reason(error)}"
            ) from None


def _back_up(url: URL, folder: Path) -> None:
    """Copies a database whose schema JupyterHub is about to upgrade. (It does so itself for SQLite.)"""
    try:
        with connect(url).connect() as connection:
            version = tables.version(connection)
    except SQLAlchemyError as error:
        raise SettingsError(f"database: {reason(error)}") from None
    if version in (None, head()):
        return
    copy = dated(folder, f"before-upgrade-from-{version}")
    dump(url, copy)
    _say(f"its schema is upgraded from {version} to {head()}; a copy from before is {copy}")
