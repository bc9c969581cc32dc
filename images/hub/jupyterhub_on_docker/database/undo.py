"""What is taken back of a hub that never came up, so that the one before it goes on with its database."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL

from ..config import Settings, Sqlite
from ..secrets import Secrets
from . import tables, upgrade
from .connection import address, connect
from .dump import dated, dump
from .start import RESTORE, mark, marker, moved_at, unmarked


def undo(settings: Settings, secrets: Secrets, since: datetime) -> str | None:
    """Takes back what the hub with these settings has done to the database since it was made.

    Returns what the hub before it goes on with, or None where its database was not changed.
    """
    folder = Path(settings.hub.data_dir)
    wanted = settings.database
    if isinstance(wanted, Sqlite):
        file = Path(wanted.path)
        if _time(unmarked(file)) >= since:
            # A copy was restored into it, and what it was moved to before is as it was.
            mark(file)
            unmarked(file).unlink()
            return "PostgreSQL"
    elif wanted.move_from is not None:
        file = Path(wanted.move_from)
        moved = moved_at(file)
        if moved is not None and moved >= since.replace(microsecond=0):
            _move_back(address(wanted, secrets), file, folder)
            return file.name
    return upgrade.undo(folder, since, folder / RESTORE)


def undo_restore(settings: Settings, since: datetime) -> str | None:
    """Takes back that a hub that did not come up was given a copy: see `upgrade.undo_restore`."""
    folder = Path(settings.hub.data_dir)
    return upgrade.undo_restore(folder, since, folder / RESTORE)


def _move_back(url: URL, file: Path, folder: Path) -> None:
    """The file counts again. What was filled from it is emptied again, with a copy kept: its time is over."""
    into = None
    with suppress(OSError, ValueError, AttributeError):
        into = json.loads(marker(file).read_text()).get("into")
    if into == "empty":
        dump(url, dated(folder, "before-move-back"))
    # First: killed in between, both have the same content, and a hub of either kind goes on with it.
    # The other way round it would find an empty database, and take it.
    marker(file).unlink()
    if into == "empty":
        with connect(url).begin() as connection:
            tables.clear(connection)


def _time(file: Path) -> datetime:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except FileNotFoundError:
        return datetime.min.replace(tzinfo=UTC)
