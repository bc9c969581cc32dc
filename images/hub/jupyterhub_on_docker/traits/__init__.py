"""Settings to traits: one small function a concern. They only set, never append: order does not matter."""

from traitlets.config import Config

from ..config import Settings
from ..secrets import Secrets
from .access import update_access
from .auth import update_auth
from .database import update_database
from .hub import update_hub
from .lockdown import update_lockdown
from .pages import update_pages
from .proxy import update_proxy
from .servers import update_servers
from .spawner import update_spawner

UPDATES = (
    update_hub,
    update_pages,
    update_access,
    update_proxy,
    update_database,
    update_auth,
    update_spawner,
    update_servers,
    update_lockdown,
)


def apply(c: Config, settings: Settings, secrets: Secrets) -> None:
    """Sets every trait that the settings decide.

    Raises SettingsError where a secret is missing or can't be used.
    """
    for update in UPDATES:
        update(c, settings, secrets)
