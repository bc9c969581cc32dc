"""Who may log in, and how."""

from collections.abc import Callable

from traitlets.config import Config

from ...config import Settings
from ...secrets import Secrets
from . import directory, oauth, passwords

PACKAGE = "jupyterhub_on_docker.authenticators"


def update_auth(c: Config, settings: Settings, secrets: Secrets) -> None:
    name, strategy = STRATEGIES[settings.auth.kind]
    c.JupyterHub.authenticator_class = f"{PACKAGE}.{name}"
    # The settings are checked where they are written: somebody may log in.
    c.Authenticator.any_allow_config = True
    strategy(c, settings, secrets)


STRATEGIES: dict[str, tuple[str, Callable[[Config, Settings, Secrets], None]]] = {
    "shared-password": ("passwords.SharedPassword", passwords.shared_password),
    "native": ("passwords.Native", passwords.native),
    "pam": ("passwords.Pam", passwords.pam),
    "anonymous": ("passwords.Anonymous", passwords.anonymous),
    "github": ("oauth.GitHub", oauth.github),
    "gitlab": ("oauth.GitLab", oauth.gitlab),
    "google": ("oauth.Google", oauth.google),
    "azuread": ("oauth.AzureAd", oauth.azuread),
    "oidc": ("oauth.Oidc", oauth.oidc),
    "cilogon": ("oauth.CILogon", oauth.cilogon),
    "ldap": ("directory.Ldap", directory.ldap),
    "lti13": ("directory.Lti13", directory.lti13),
}
