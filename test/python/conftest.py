import json

import pytest
from tornado.httpserver import HTTPServer

from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.secrets import Secrets

pytest_plugins = ["egress_proxy"]

SETTINGS = {
    "version": 1,
    "hub": {
        "publicUrl": "https://hub.example.org/base/",
        "baseUrl": "/base/",
        "logLevel": "INFO",
        "connectHost": "hub",
        "dataDir": "/srv/jupyterhub",
        "metrics": "token",
        "loginLockout": {"attempts": 10, "window": 900, "duration": 900},
        "extraConfig": None,
    },
    "visitors": {"proxies": ["10.200.0.3"], "trusted": []},
    "pages": {
        "announcement": {"all": None, "login": None, "home": None, "spawn": None, "logout": None},
        "logo": None,
        "templates": None,
    },
    "access": {"roles": [], "services": []},
    "servers": {
        "idle": None,
        "shutdownOnLogout": False,
        "named": 0,
        "concurrentSpawnLimit": 100,
        "activeServerLimit": 0,
        "startTimeout": 60,
        "httpTimeout": 30,
        "activityInterval": 300,
        "lastActivityInterval": 300,
        "disableUserConfig": False,
    },
    "proxy": {
        "kind": "traefik-file",
        "apiUrl": "http://proxy-api:8099",
        "apiUser": "hub",
        "routesFile": "/srv/proxy/routes.json",
        "entryPoint": "websecure",
    },
    "docker": {"host": "tcp://docker-filter:2375"},
    "database": {"kind": "sqlite", "path": "/srv/jupyterhub/jupyterhub.sqlite"},
    "auth": {"kind": "shared-password", "users": ["alice"], "admins": ["admin"]},
    "spawner": {
        "kind": "docker",
        "image": "sha256:1234",
        "network": "jh-notebooks",
        "namePrefix": "jh",
        "command": None,
        "startPage": "/lab",
        "environment": {"LANG": "C.UTF-8"},
        "limits": {"memory": 1073741824, "swap": 0, "cpus": 1.5, "processes": 512},
        "labels": {"org.jupyterhub.stack": "jh"},
    },
    "storage": {
        "home": {"volume": {"name": "jh-home-{username}", "driver": "local", "options": {}}, "tree": None},
        "mountPath": "/home/jovyan",
        "folders": {
            "path": "/home/jovyan",
            "volume": "jh-folder-{folder}",
            "shared": False,
            "colab": False,
            "users": False,
        },
        "labSettings": None,
        "volumes": [],
        "uid": 1000,
        "gid": 100,
    },
    "groups": {},
    "users": {},
}

SECRETS = {
    "cookie_secret": "0c" * 32,
    "crypt_key": "1d" * 32,
    "proxy_api_password": "proxy-password",
    "user_password": "user-password",
    "admin_password": "admin-password-of-32-characters!!",
}


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
