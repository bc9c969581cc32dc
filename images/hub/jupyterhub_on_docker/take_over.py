"""Takes over changed settings of people without a restart: the login page stays.

What it can take over is in `PEOPLE`; a change of anything else needs a new hub.
"""

import logging
from typing import Any

from traitlets.config import Config

from . import rights, traits
from .app import Hub
from .config import Settings
from .secrets import Secrets

log = logging.getLogger("jupyterhub_on_docker.take_over")

LISTS = ("allowed_users", "admin_users", "blocked_users", "allow_all", "allow_existing_users")
"""Traits of the authenticator."""

OF_SERVERS = ("options_form", "options_from_form", "apply_user_options")
"""Traits of all spawners: the profiles."""

PEOPLE: dict[str, Any] = {
    "auth": {"users", "admins", "blocked", "allow_all", "allow_existing_users"},
    "access": {"roles"},
    "pages": {"announcement"},
    "groups": True,
    "users": True,
    "spawner": {"profiles", "limits"},
}
"""What is taken over, as pydantic names parts of a model."""


def needs_restart(old: Settings, new: Settings) -> bool:
    """Whether more is different than what can be taken over."""
    return rest(old) != rest(new)


def rest(settings: Settings) -> dict[str, Any]:
    return settings.model_dump(mode="json", exclude=PEOPLE)


async def take_over(app: Hub, settings: Settings, secrets: Secrets) -> None:
    """Applies settings of which `needs_restart` says no.

    Rights that nobody gives any more are withdrawn, as at a start.
    """
    c = Config()
    traits.apply(c, settings, secrets)
    _pages(app, c)
    _servers(app, c, settings)
    await _people(app, c)
    log.info("Took over the settings of people")


def _pages(app: Hub, c: Config) -> None:
    app.template_vars = c.JupyterHub.template_vars
    for kept in (app.tornado_settings, app.tornado_application.settings):
        kept["template_vars"] = app.template_vars


def _servers(app: Hub, c: Config, settings: Settings) -> None:
    """For the next start: a server that runs keeps what it has."""
    for trait in OF_SERVERS:
        app.config.Spawner[trait] = c.Spawner[trait]
    for section in ("OwnedHomeDockerSpawner", "ServiceSpawner"):
        for trait, value in c[section].items():
            app.config[section][trait] = value
    for user in app.users.values():
        for spawner in user.spawners.values():
            # What a start sets from the profile is set anew by the next.
            values = {trait: c.Spawner[trait] for trait in OF_SERVERS} | {"settings": settings}
            for section in ("OwnedHomeDockerSpawner", "ServiceSpawner"):
                values |= c[section]
            for trait, value in values.items():
                if spawner.has_trait(trait):
                    setattr(spawner, trait, value)


async def _people(app: Hub, c: Config) -> None:
    authenticator = app.authenticator
    blocked = {authenticator.normalize_username(name) for name in c.Authenticator.blocked_users}
    for trait in LISTS:
        value = c.Authenticator[trait]
        if trait in ("allowed_users", "admin_users"):
            value = {name for name in value if authenticator.normalize_username(name) not in blocked}
        setattr(authenticator, trait, blocked if trait == "blocked_users" else value)
    app.load_roles = c.JupyterHub.load_roles
    # The same steps, in the same order, as at a start.
    await app.init_role_creation()
    await app.init_users()
    await app.init_groups()
    await app.init_role_assignment()
    await app.init_blocked_users()
    await rights.stop_servers(app)
