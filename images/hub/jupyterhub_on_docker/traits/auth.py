"""Who may log in, and how."""

from collections.abc import Callable

from traitlets.config import Config

from ..config import Settings, SharedPassword
from ..secrets import Secrets


def update_auth(c: Config, settings: Settings, secrets: Secrets) -> None:
    STRATEGIES[settings.auth.kind](c, settings.auth, secrets)


def _shared_password(c: Config, auth: SharedPassword, secrets: Secrets) -> None:
    c.JupyterHub.authenticator_class = "shared-password"
    c.Authenticator.allowed_users = {*auth.users, *auth.admins}
    c.Authenticator.admin_users = set(auth.admins)
    # Who leaves the settings may not log in again because the database still knows the name.
    c.Authenticator.allow_existing_users = False
    c.SharedPasswordAuthenticator.user_password = secrets.text("user_password")
    c.SharedPasswordAuthenticator.admin_password = secrets.text("admin_password")


STRATEGIES: dict[str, Callable[[Config, SharedPassword, Secrets], None]] = {
    "shared-password": _shared_password
}
