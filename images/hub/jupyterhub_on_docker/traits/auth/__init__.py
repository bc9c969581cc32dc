"""Who may log in, and how."""

from typing import assert_never

from traitlets.config import Config

from ...config import Hub, Settings
from ...config.auth import (
    Anonymous,
    Auth,
    AzureAd,
    CILogon,
    GitHub,
    GitLab,
    Google,
    Ldap,
    Lti13,
    Native,
    Oidc,
    Pam,
    SharedPassword,
)
from ...secrets import Secrets
from . import directory, oauth, passwords

PACKAGE = "jupyterhub_on_docker.authenticators"

CLASSES = {
    "shared-password": "passwords.SharedPassword",
    "native": "passwords.Native",
    "pam": "passwords.Pam",
    "anonymous": "passwords.Anonymous",
    "github": "oauth.GitHub",
    "gitlab": "oauth.GitLab",
    "google": "oauth.Google",
    "azuread": "oauth.AzureAd",
    "oidc": "oauth.Oidc",
    "cilogon": "oauth.CILogon",
    "ldap": "directory.Ldap",
    "lti13": "directory.Lti13",
}
"""Authenticators of the package by the kind of login."""


def update_auth(c: Config, settings: Settings, secrets: Secrets) -> None:
    c.JupyterHub.authenticator_class = f"{PACKAGE}.{CLASSES[settings.auth.kind]}"
    # The settings are checked where they are written: somebody may log in.
    c.Authenticator.any_allow_config = True
    _kind(c, settings.auth, settings.hub, secrets)


def _kind(c: Config, auth: Auth, hub: Hub, secrets: Secrets) -> None:
    match auth:
        case SharedPassword():
            passwords.shared_password(c, auth, secrets)
        case Native():
            passwords.native(c, auth, secrets)
        case Pam():
            passwords.pam(c, auth, secrets)
        case Anonymous():
            passwords.anonymous(c, auth)
        case GitHub():
            oauth.github(c, auth, hub, secrets)
        case GitLab():
            oauth.gitlab(c, auth, hub, secrets)
        case Google():
            oauth.google(c, auth, hub, secrets)
        case AzureAd():
            oauth.azuread(c, auth, hub, secrets)
        case Oidc():
            oauth.oidc(c, auth, hub, secrets)
        case CILogon():
            oauth.cilogon(c, auth, hub, secrets)
        case Ldap():
            directory.ldap(c, auth, secrets)
        case Lti13():
            directory.lti13(c, auth, hub)
        case other:
            assert_never(other)
