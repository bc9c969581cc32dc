"""The hub's database."""

from traitlets.config import Config

from ..config import Settings
from ..database import address, without_password
from ..database.widths import widen_models
from ..secrets import Secrets


def update_database(c: Config, settings: Settings, secrets: Secrets) -> None:
    widen_models()
    # An old schema is brought up to date at the start, with a copy made before: JupyterHub copies an SQLite
    # file beside itself, ../database the tables of any other.
    c.JupyterHub.upgrade_db = True
    # JupyterHub logs the address. It gets the password from its environment: see database.prepare.
    c.JupyterHub.db_url = without_password(address(settings.database, secrets))
