"""Tries a hub before it takes another's place: all that it does until it serves, on a copy of the database.

It runs in a container of its own with the files of the hub to be. It sees the network of the hub that runs,
and its data at `RUNNING`, where it cannot change them. It asks neither Docker nor the reverse proxy, starts
and stops nobody's server, and serves nothing.
"""

import asyncio
import errno
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import URL
from traitlets.config import Config

from . import app, database, environment, extra_config, paths, settings_file, traits
from .config import Settings, Sqlite
from .database import connection, tables, upgrade
from .database.dump import SIDE_FILES, check, copy_file, dump, sqlite_url
from .database.start import RESTORE
from .errors import SettingsError
from .secrets import Secrets

RUNNING = Path("/mnt/running-hub")
"""The data of the hub that runs, read-only."""

VARIABLE = "JUPYTERHUB_TRIAL"
"""Set in the environment, so that extra configuration can leave out what must not be done twice."""

SECONDS = "JUPYTERHUB_TRIAL_SECONDS"
"""Variable with the seconds after which a trial ends, with its copy of the database; none for no end."""

WAIT = 15.0
"""Seconds for a database to answer: the hub that runs has one already."""


class Hub(app.Hub):
    """A hub that ends before it would look at people's servers."""

    own_url = ""
    """The database's address of the settings."""

    copy_url = ""
    db_url: Any

    def init_db(self) -> None:
        if str(self.db_url) != self.own_url:
            # Of extra configuration, and so not copied. It is left alone.
            self.log.warning("The database of hub.extraConfig was not tried")
        self.db_url = self.copy_url
        super().init_db()

    def write_pid_file(self) -> None:
        """There is one that runs."""

    async def init_spawners(self) -> Any:
        return 0


class _Worst(logging.Handler):
    """Keeps the first line of the last error that was logged."""

    line = ""

    def emit(self, record: logging.LogRecord) -> None:
        said = record.getMessage().strip().splitlines()
        if not said and record.exc_info and record.exc_info[1]:
            said = _shown(record.exc_info[1]).splitlines()
        self.line = said[0] if said else self.line


def run() -> str | None:
    """Tries the hub with the settings of this container. Returns why it would not start."""
    os.environ[VARIABLE] = "true"
    worst = _Worst(logging.ERROR)
    try:
        asyncio.run(_try(worst))
    except (Exception, SystemExit) as error:
        if isinstance(error, SystemExit) and not error.code:
            return None
        if _is_taken(error):
            # The hub that runs has it, and will have given it back.
            logging.getLogger(__name__).warning("Not tried to the end: %s", error)
            return None
        return _reason(error, worst.line)
    return None


def _reason(error: BaseException, logged: str) -> str:
    if isinstance(error, SystemExit):
        return (
            error.code if isinstance(error.code, str) else logged or f"it ended with exit code {error.code}"
        )
    if isinstance(error, SettingsError):
        return str(error)
    logging.getLogger(__name__).error("The hub did not start", exc_info=error)
    return _shown(error)


def _is_taken(error: BaseException | None) -> bool:
    """Whether something else has the address that was to be listened on."""
    while error is not None:
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            return True
        error = error.__cause__ or error.__context__
    return False


def _shown(error: BaseException) -> str:
    text = str(error).strip()
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


async def _try(worst: logging.Handler) -> None:
    settings = settings_file.read()
    secrets = Secrets(paths.SECRETS)
    os.environ.update(environment.variables(settings, secrets))
    # As the command `hub` does it: what is wrong is said in a line.
    traits.apply(Config(), settings, secrets)
    extra_config.check(settings)
    Hub.own_url = database.without_password(database.address(settings.database, secrets))
    Hub.copy_url = str(sqlite_url(copy_database(settings, secrets)))
    os.chdir(settings.hub.data_dir)
    hub = Hub.instance()
    logging.getLogger().addHandler(worst)
    hub.log.addHandler(worst)
    await hub.initialize(["--config", str(Path(__file__).with_name("jupyterhub_config.py"))])


def copy_database(settings: Settings, secrets: Secrets, running: Path = RUNNING) -> Path:
    """Copies the database, of whatever kind it is, to an SQLite file in this container's folder for data.

    What else is in that folder of the running hub is there too, as links. Returns the file; it is missing
    where there is nothing to copy.
    """
    folder = Path(settings.hub.data_dir)
    wanted = settings.database
    file = Path(wanted.path) if isinstance(wanted, Sqlite) else folder / "trial.sqlite"
    _link(running, folder)
    if isinstance(wanted, Sqlite):
        source = running / file.name if file.parent == folder else file
        for end in ("", *SIDE_FILES):
            file.with_name(file.name + end).unlink(missing_ok=True)
        if source.exists() and source.stat().st_size > 0:
            copy_file(source, file)
        # It restores a copy that lies ready, as the hub will.
        database.prepare(settings, secrets)
        return file
    url = database.address(wanted, secrets)
    database.wait_for(url, WAIT)
    ready = folder / RESTORE
    before = None if wanted.move_from is None else Path(wanted.move_from)
    if ready.exists():
        check(ready)
        copy_file(ready, file)
    elif not _is_empty(url):
        dump(url, file)
        upgrade.outdated(url)
    elif before is not None and before.exists() and before.stat().st_size > 0:
        copy_file(before, file)
    return file


def _link(running: Path, folder: Path) -> None:
    if running.is_dir():
        for entry in running.iterdir():
            link = folder / entry.name
            if not link.is_symlink() and not link.exists():
                link.symlink_to(entry)


def _is_empty(url: URL) -> bool:
    with connection.connect(url).connect() as opened:
        return tables.is_empty(opened)


def main() -> None:
    """The command `try`: standard output is for the reason, whoever prints there."""
    # Ended by the kernel, wherever it hangs: whoever started it may have been killed.
    signal.alarm(int(os.environ.get(SECONDS, "0")))
    answer = os.dup(1)
    os.dup2(2, 1)
    reason = run()
    sys.stdout.flush()
    sys.stderr.flush()
    if reason is not None:
        os.write(answer, f"{reason}\n".encode())
    # Threads of extra configuration do not keep it.
    os._exit(0 if reason is None else 1)
