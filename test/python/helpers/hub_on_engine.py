"""A real hub with the real spawner and filter, on an engine that records: fixtures for whole stories."""

import logging

import docker
import pytest
from aiohttp import web

from helpers.docker_filter import labels, listening_filter
from helpers.engine import Engine, filtering, serving
from helpers.hub import Routes, running_hub
from jupyterhub_on_docker.spawners.docker import OwnedHomeDockerSpawner

TOKEN = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def engine():
    return Engine(address="127.0.0.1")


@pytest.fixture
def client(engine, tmp_path, monkeypatch):
    """The hub's way to the engine, through the filter."""
    Routes.table.clear()
    socket = tmp_path / "docker.sock"
    settings = listening_filter(socket, "home-{username}")
    with serving(engine.application(), socket=socket), filtering(settings) as port:
        client = docker.APIClient(base_url=f"tcp://127.0.0.1:{port}", version="auto")
        monkeypatch.setattr(OwnedHomeDockerSpawner, "_client", client)
        yield client
        client.close()


def add(engine, person="alice", server="", token=TOKEN, **changes):
    """A server of somebody's that runs; its id."""
    name = f"jh-user-{person}" + (f"--{server}" if server else "")
    environment = {
        "JUPYTERHUB_API_TOKEN": token,
        "JUPYTERHUB_USER": person,
        "JUPYTERHUB_SERVER_NAME": server,
        "JUPYTERHUB_SERVICE_PREFIX": f"/base/user/{person}/" + (f"{server}/" if server else ""),
        **changes,
    }
    lines = [f"{key}={value}" for key, value in environment.items()]
    return engine.add(name, labels=labels(person), environment=lines)


@pytest.fixture
def port():
    """Where all servers answer."""
    with serving(web.Application()) as port:
        yield port


@pytest.fixture
def hub(raw, secrets, tmp_path, caplog, port, client):
    """Starts a hub whose servers are containers, each time on the database in `folder`."""
    raw["auth"] = {"kind": "shared-password", "users": ["alice", "bob"], "admins": ["admin"]}
    raw["access"] = {"roles": [], "services": []}
    raw["groups"] = {}
    caplog.set_level(logging.INFO)

    def start(folder="data", change=None):
        def containers(c):
            c.JupyterHub.spawner_class = OwnedHomeDockerSpawner
            c.DockerSpawner.port = port
            if change:
                change(c)

        (tmp_path / folder).mkdir(exist_ok=True)
        return running_hub(raw, secrets, tmp_path / folder, containers, log=caplog.handler)

    return start


async def server_of(started, person, name=""):
    """What the hub tells of somebody's server; None if it does not run."""
    status, user = await started.visitor().api(started.user("admin").new_api_token(), f"users/{person}")
    assert status == 200, user
    return user["servers"].get(name)
