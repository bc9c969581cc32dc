"""What the spawners ask of Docker for a person who has everything: the real spawners, recorded."""

import asyncio
import copy
import json
import tempfile
from pathlib import Path
from types import SimpleNamespace

import docker
import pytest
from jupyterhub.objects import Hub
from traitlets.config import Config

from helpers.engine import Engine, filtering, serving
from helpers.settings import SECRETS, SETTINGS
from helpers.swarm import FIREWALL, IMAGE, Swarm
from jupyterhub_on_docker import traits
from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.docker_filter.settings import FilterSettings
from jupyterhub_on_docker.secrets import Secrets
from jupyterhub_on_docker.servers import listening
from jupyterhub_on_docker.spawners.docker import OwnedHomeDockerSpawner
from jupyterhub_on_docker.spawners.swarm.spawner import ServiceSpawner

PERSON = "Ann@x"
PART = "-41nn-40x"
EXPORT = {"type": "nfs", "o": "addr=10.0.0.5", "device": ":/export/{username}"}
FILTER = {
    "version": 1,
    "socket": "/docker.sock",
    "listen": "127.0.0.1:0",
    "namePrefix": "jh",
    "network": "jh-notebooks",
    "images": ["sha256:1234", IMAGE],
    "uid": 1000,
    "gid": 100,
    "volumes": [
        {"name": "jh-home-{username}", "driver": "local", "options": {}},
        {"name": "jh-settings-{username}", "driver": "local", "options": {}},
        {"name": "jh-folder-{folder}", "driver": "local", "options": {}},
        {"name": "jh-volume-data", "driver": "local", "options": {}, "readOnly": True},
        {"name": "jh-nfs-{username}", "driver": "local", "options": EXPORT},
    ],
    "folders": [],
    "parents": [],
    "limits": {"memory": 4 * 1024**3, "swap": 0, "cpus": 2, "processes": 1024},
    "swarm": {
        "constraints": ["node.role==worker"],
        "data": None,
        "prePullers": ["jh-pre-puller"],
        "firewall": FIREWALL,
        "registryAuth": None,
    },
}
SWARM = {
    "kind": "swarm",
    "image": IMAGE,
    "network": "jh-notebooks",
    "namePrefix": "jh",
    "command": None,
    "startPage": "/lab",
    "environment": {},
    "limits": SETTINGS["spawner"]["limits"],
    "reservation": {"memory": 268435456, "cpus": 0.1},
    "placement": {"everybody": ["node.role==worker"], "profiles": {}, "groups": {}},
    "pinned": False,
    "prePullers": {},
    "firewall": FIREWALL,
    "labels": {"org.jupyterhub.stack": "jh"},
}


def _raw(spawner):
    def volume(name, options=None):
        return {"name": name, "driver": "local", "options": options or {}}

    raw = {**copy.deepcopy(SETTINGS), "spawner": spawner}
    raw["storage"]["folders"] |= {"shared": True, "colab": True}
    raw["storage"]["labSettings"] = {"volume": "jh-settings-{username}", "mountPath": "/home/jovyan/.lab"}
    raw["storage"]["volumes"] = [
        {"volume": volume("jh-volume-data"), "mountPath": "/data", "readOnly": True, "groups": None},
        {
            "volume": volume("jh-nfs-{username}", EXPORT),
            "mountPath": "/nfs",
            "readOnly": False,
            "groups": None,
        },
    ]
    raw["groups"] = {"R&D": {"members": [PERSON], "folder": "read-write", "limits": {}}}
    return raw


def _start(kind, raw, client, patch):
    with tempfile.TemporaryDirectory() as folder:
        for name, value in SECRETS.items():
            Path(folder, name).write_text(value)
        c = Config()
        traits.apply(c, Settings.model_validate_json(json.dumps(raw)), Secrets(Path(folder)))
    user = SimpleNamespace(name=PERSON, url="/user/ann/", id=1, settings={}, escaped_name=PERSON)
    user.groups, user.admin = [], False

    async def listens(*_):
        return None

    patch.setattr(listening, "wait", listens)
    patch.setattr(kind, "_client", client)
    spawner = kind(config=c, user=user, hub=Hub(), api_token="token")
    patch.setattr(spawner, "get_env", lambda: {"JUPYTERHUB_API_TOKEN": "token"})
    patch.setattr(spawner, "get_args", list)
    asyncio.run(spawner.start())


def containers():
    """Names and bodies of the containers of a first start, and bodies of its volumes."""
    engine = Engine()
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/docker.sock"
        accepting = FilterSettings.model_validate({**FILTER, "socket": path})
        with serving(engine.application(), socket=path), filtering(accepting) as port:
            client = docker.APIClient(base_url=f"tcp://127.0.0.1:{port}", version="auto")
            patch.setattr(OwnedHomeDockerSpawner, "owners", {})
            _start(OwnedHomeDockerSpawner, _raw(SETTINGS["spawner"]), client, patch)
            client.close()
    names = [call.split("?name=")[1] for call in engine.calls if "containers/create" in call]
    bodies = [body for body in engine.bodies if "HostConfig" in body]
    server, for_folders = zip(names, bodies, strict=True)
    return SimpleNamespace(
        server=server,
        for_folders=for_folders,
        volumes=[body for body in engine.bodies if "DriverOpts" in body],
    )


def service():
    """The body of a service."""
    swarm = Swarm()
    with pytest.MonkeyPatch.context() as patch:
        _start(ServiceSpawner, _raw(SWARM), swarm, patch)
    return swarm.service
