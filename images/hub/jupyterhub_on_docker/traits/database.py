"""The hub's database."""

from collections.abc import Callable

from traitlets.config import Config

from ..config import Settings, Sqlite
from ..secrets import Secrets


def update_database(c: Config, settings: Settings, secrets: Secrets) -> None:
    # An old schema is brought up to date at the start; JupyterHub copies an SQLite file beside itself before.
    c.JupyterHub.upgrade_db = True
    STRATEGIES[settings.database.kind](c, settings.database, secrets)


def _sqlite(c: Config, database: Sqlite, _secrets: Secrets) -> None:
    # An absolute path, so four slashes: the backup takes the file's name from behind the first three.
    c.JupyterHub.db_url = f"sqlite:///{database.path}"


STRATEGIES: dict[str, Callable[[Config, Sqlite, Secrets], None]] = {"sqlite": _sqlite}
