"""What is done before JupyterHub upgrades the schema, so that the hub of before can be put back."""

import os
import shutil
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CalledProcessError

from jupyterhub import dbutil
from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError

from ..errors import SettingsError
from . import tables
from .connection import connect, file_of, reason
from .dump import copy_file, dated, dump, head, revisions

BEFORE_UPGRADE = "before-upgrade"
"""First part of what a copy made before an upgrade is called by."""

BEFORE_RESTORE = "before-restore"
"""The same of a copy of what another copy has replaced."""

KEPT = 3
"""Copies made before upgrades that are kept, the newest of them."""

SPACE = 1024**3
"""Bytes that all of them but the newest may have together."""

TIME = "%Y%m%dT%H%M%S.%fZ"
"""Form of the time at the end of a copy's name."""


def outdated(url: URL) -> str | None:
    """The version of a schema that is older than this JupyterHub's; None where it is not.

    Raises SettingsError where it can't be read, and where the schema is a newer one.
    """
    try:
        with connect(url).connect() as connection:
            version = tables.version(connection)
    except SQLAlchemyError as error:
        raise SettingsError(f"database: {reason(error)}") from None
    if version in (None, head()):
        return None
    if version not in revisions():
        raise SettingsError(
            f"database: its schema {version} is from a newer JupyterHub than this one. Go back to the "
            "newer one, or restore a copy from before the upgrade with: "
            "./hub database restore FILE --at-next-start --stack STACK, then ./up STACK"
        )
    return version


def back_up(url: URL, folder: Path) -> Path | None:
    """Copies a database whose schema is older than this JupyterHub's. Returns the copy; None for no need.

    Raises SettingsError where it can't be copied, and where the schema is a newer one.
    """
    version = outdated(url)
    if version is None:
        return None
    copy = dated(folder, f"{BEFORE_UPGRADE}-from-{version}")
    dump(url, copy)
    say(f"upgrading its schema from {version} to {head()}; the copy from before is {copy}")
    forget_old(folder)
    return copy


def upgrade_file(url: URL, folder: Path) -> None:
    """Upgrades an SQLite database whose schema is older. SettingsError where it fails: it is as before."""
    copy = back_up(url, folder)
    if copy is None:
        return
    try:
        dbutil.upgrade(url.render_as_string(hide_password=False))
    except (CalledProcessError, OSError) as error:
        # SQLite keeps what was changed of a schema before something failed.
        copy_file(copy, file_of(url))
        raise SettingsError(f"database: its schema could not be upgraded. It is as it was: {error}") from None


def forget_old(folder: Path) -> None:
    """Removes copies from before earlier upgrades: all but the newest few, and fewer where they are large."""
    space = SPACE
    for at, copy in enumerate(reversed(copies(folder))):
        with suppress(OSError):
            space -= copy.stat().st_size if at > 0 else 0
            if at >= KEPT or space < 0:
                copy.unlink()


def copies(folder: Path) -> list[Path]:
    """Copies from before upgrades, the oldest first."""
    found = folder.glob(f"jupyterhub-{BEFORE_UPGRADE}-*.sqlite")
    return sorted((copy for copy in found if _made(copy)), key=lambda copy: _made(copy) or datetime.min)


def undo(folder: Path, since: datetime, ready: Path) -> str | None:
    """Lays the copy ready that was made before the first upgrade after `since`, for a hub of before it.

    Returns what was found, or None where the schema has not changed since.
    """
    for copy in copies(folder):
        if (_made(copy) or since) >= since:
            part = ready.with_name(f"{ready.name}.part")
            shutil.copyfile(copy, part)
            os.replace(part, ready)
            return copy.name
    return None


def undo_restore(folder: Path, since: datetime, ready: Path) -> str | None:
    """Takes back that a copy was laid ready after `since`, for a hub that did not come up with it.

    Returns what the next hub restores, or None where the copy was not restored: it isn't ready any more then.
    """
    ready.unlink(missing_ok=True)
    found = folder.glob(f"jupyterhub-{BEFORE_RESTORE}-*.sqlite")
    replaced = [copy for copy in found if (_made(copy) or datetime.min.replace(tzinfo=UTC)) >= since]
    if not replaced:
        return None
    # The first: a hub that ends and starts again replaces what was restored already.
    copy = min(replaced, key=lambda one: _made(one) or since)
    part = ready.with_name(f"{ready.name}.part")
    shutil.copyfile(copy, part)
    os.replace(part, ready)
    return copy.name


def _made(copy: Path) -> datetime | None:
    try:
        return datetime.strptime(copy.stem.rpartition("-")[2], TIME).replace(tzinfo=UTC)
    except ValueError:
        return None


def say(text: str) -> None:
    print(f"jupyterhub-on-docker: database: {text}", flush=True)
