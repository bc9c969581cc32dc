"""A hub whose configuration changes from one start to the next, on one database."""

import pytest

from helpers.hub import Servers, running_hub


@pytest.fixture(autouse=True)
def _no_servers():
    Servers.running.clear()
    Servers.held.clear()


@pytest.fixture
def hub(raw, secrets, secrets_folder, tmp_path):
    """Starts a hub with this section `auth`, and other sections; each time on the same database."""
    (secrets_folder / "auth_client_secret").write_text("client-secret\n")

    def start(change=None, /, groups=None, access=None, kind="shared-password", **auth):
        settings = {**raw, "auth": {"kind": kind, **auth}, "groups": groups or {}}
        settings["access"] = {"roles": [], "services": [], **(access or {})}
        return running_hub(settings, secrets, tmp_path, change)

    return start
