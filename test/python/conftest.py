import json

import pytest
from tornado.httpserver import HTTPServer

from helpers.settings import SECRETS, SETTINGS
from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.secrets import Secrets

pytest_plugins = ["helpers.egress_proxy", "helpers.hub_on_engine", "helpers.logins", "helpers.swarm"]


@pytest.fixture(autouse=True)
def usual_server():
    """The hub's configuration chooses a server for its whole process, which here is that of all tests."""
    yield
    HTTPServer.configure(None)


@pytest.fixture
def raw():
    """Settings as they come from the file, to be changed by a test."""
    return json.loads(json.dumps(SETTINGS))


@pytest.fixture
def settings(raw):
    return Settings.model_validate_json(json.dumps(raw))


@pytest.fixture
def secrets_folder(tmp_path):
    folder = tmp_path / "secrets"
    folder.mkdir()
    for name, value in SECRETS.items():
        # As an editor would leave it.
        (folder / name).write_text(f"{value}\n")
    return folder


@pytest.fixture
def secrets(secrets_folder):
    return Secrets(secrets_folder)
