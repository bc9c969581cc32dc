"""Kinds of login: the least that a section `auth` needs, and hubs with one."""

import pytest

from helpers.hub import RunningHub

APPLICATION = {"clientId": "hub", "clientSecret": "auth_client_secret"}
IDP = "https://idp.example.edu/shibboleth"

MINIMAL = {
    "shared-password": {},
    "native": {"admins": ["admin"]},
    "pam": {"passwords": "auth_passwords"},
    "anonymous": {},
    "github": APPLICATION,
    "gitlab": APPLICATION,
    "google": APPLICATION,
    "azuread": {**APPLICATION, "tenant": "example.org"},
    "oidc": {**APPLICATION, "issuer": "https://sso.example.org"},
    "cilogon": {**APPLICATION, "idps": {IDP: {"usernameClaim": "eppn"}}},
    "ldap": {"server": "ldap.example.org", "bindDn": ["uid={username},dc=example,dc=org"]},
    "lti13": {
        "issuer": "https://moodle.example.org",
        "authorizeUrl": "https://moodle.example.org/auth",
        "jwksUrl": "https://moodle.example.org/certs",
        "clientIds": ["b", "a"],
    },
}


@pytest.fixture
def start_hub(raw, secrets_folder, tmp_path):
    """Starts a hub with some settings of its login, and with extra configuration."""
    for name, value in (("auth_client_secret", "client-secret"), ("auth_passwords", "ann:$6$salt$hash")):
        (secrets_folder / name).write_text(value)
    folder = tmp_path / "hub"
    folder.mkdir()

    def start(kind="shared-password", extra=None, attempts=10, **keys) -> RunningHub:
        raw["auth"] = {"kind": kind, **MINIMAL[kind], **keys}
        raw["hub"]["loginLockout"]["attempts"] = attempts
        if extra is not None:
            (folder / "extra.py").write_text(extra)
            raw["hub"]["extraConfig"] = {"path": str(folder / "extra.py"), "secrets": {}}
        return RunningHub(folder, raw, secrets_folder)

    return start
