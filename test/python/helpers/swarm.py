"""A Swarm for tests: its settings, and the Docker client's calls that the spawner makes."""

import json
from types import SimpleNamespace

import pytest
from docker.errors import NotFound
from jupyterhub.objects import Hub
from traitlets.config import Config

from jupyterhub_on_docker import traits
from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.spawners.swarm.spawner import ServiceSpawner

IMAGE = "registry:5000/jh-notebook@sha256:1234"
STACK = {"org.jupyterhub.stack": "jh"}
USER_LABELS = {**STACK, "org.jupyterhub.role": "user", "org.jupyterhub.user": "Ann@x"}
NAME = "jh-user--41nn-40x"
LARGE = "registry:5000/jh-notebook-large@sha256:5678"

SHARED = {"volume": None, "tree": "/mnt/homes"}
NFS = {
    "tree": None,
    "volume": {
        "name": "jh-home-{username}",
        "driver": "local",
        "options": {"type": "nfs", "o": "addr=nfs,rw", "device": ":/homes/{username}"},
    },
}
LOCAL = {"tree": None, "volume": {"name": "jh-home-{username}", "driver": "local", "options": {}}}
PROFILE = {
    "slug": "large",
    "name": "Large",
    "description": "",
    "default": False,
    "image": LARGE,
    "command": None,
    "startPage": None,
    "environment": {"SIZE": "large"},
    "limits": {"memory": 2147483648},
    "gpus": None,
    "users": [],
    "groups": [],
}


FIREWALL = {"service": "jh-firewall", "gate": "/dev/shm/jupyterhub_1"}
GATE = {
    "Type": "bind",
    "Source": "/dev/shm/jupyterhub_1",
    "Target": "/run/jupyterhub-firewall",
    "ReadOnly": True,
}


def task(state, *, desired="running", error="", node="n1", at=1, code=0):
    return {
        "ID": f"t{at}",
        "ServiceID": "s9",
        "CreatedAt": f"2026-11-21T09:00:{at:02}.5Z",
        "Version": {"Index": at},
        "NodeID": node,
        "DesiredState": desired,
        "Status": {"State": state, "Err": error, "ContainerStatus": {"ExitCode": code}},
    }


def node(identifier, *, state="ready", availability="active", role="worker", labels=None):
    return {
        "ID": identifier,
        "Description": {"Hostname": f"host-{identifier}"},
        "Status": {"State": state},
        "Spec": {"Availability": availability, "Role": role, "Labels": labels or {}},
    }


class Swarm:
    """The Docker client's calls that the spawner makes, with answers to be set."""

    def __init__(self):
        self.nodes_ = [node("n1"), node("n2"), node("n3", role="manager")]
        self.tasks_ = {
            "jh-pre-puller": [task("running", node="n1"), task("running", node="n2")],
            "jh-firewall": [task("running", node=one) for one in ("n1", "n2", "n3")],
        }
        self.service = None
        self.next_tasks = [[task("running")]]
        self.user_tasks = []

    def nodes(self):
        return self.nodes_

    def tasks(self, filters):
        if "label" in filters:
            return self.user_tasks
        name = filters["service"]
        if name == NAME and len(self.next_tasks) > 1:
            return self.next_tasks.pop(0)
        return self.next_tasks[0] if name == NAME else self.tasks_[name]

    def create_service(self, template, name, labels, endpoint_spec):
        self.service = {
            "TaskTemplate": template,
            "Name": name,
            "Labels": labels,
            "EndpointSpec": endpoint_spec,
        }
        return {"ID": "s1"}

    def inspect_service(self, name):
        if self.service is None:
            raise NotFound("gone", response=SimpleNamespace(status_code=404, url="", reason=""))
        return {"ID": "s1", "CreatedAt": "2026-11-21T09:00:00.5Z", "Spec": self.service}

    base_url = "http://127.0.0.1:9"
    """Nobody answers there: a log cannot be read."""
    api_version = "1.41"

    def remove_service(self, _identifier):
        if self.service is None:
            raise NotFound("gone", response=SimpleNamespace(status_code=404, url="", reason=""))
        self.service = None


@pytest.fixture
def swarm():
    return Swarm()


@pytest.fixture
def swarm_raw(raw, request):
    raw["proxy"] = {
        "kind": "traefik-redis",
        "apiUrl": "http://proxy-api:8099",
        "apiUser": "hub",
        "redisUrl": "redis://redis:6379",
        "entryPoint": "websecure",
    }
    raw["spawner"] = {
        "kind": "swarm",
        "image": IMAGE,
        "network": "jh-notebooks",
        "namePrefix": "jh",
        "command": None,
        "startPage": "/lab",
        "environment": {},
        "limits": {"memory": 1073741824, "swap": 0, "cpus": 1.5, "processes": 512},
        "reservation": {"memory": 268435456, "cpus": 0.1},
        "placement": {
            "everybody": ["node.role==worker"],
            "profiles": {"large": ["node.labels.size==large"]},
            "groups": {"physics": ["node.labels.physics==yes"]},
        },
        "pinned": getattr(request, "param", SHARED) is LOCAL,
        "prePullers": {IMAGE: "jh-pre-puller", LARGE: "jh-pre-puller-large"},
        "firewall": FIREWALL,
        "labels": STACK,
    }
    raw["storage"] |= {"home": getattr(request, "param", SHARED), "volumes": [], "labSettings": None}
    raw["storage"]["folders"]["shared"] = getattr(request, "param", SHARED) is SHARED
    raw["groups"] = {"physics": {"members": [], "folder": "read-write", "limits": {"cpus": 2}}}
    return raw


@pytest.fixture
def swarm_config(swarm_raw, secrets, secrets_folder):
    (secrets_folder / "redis_password").write_text("redis-password\n")
    config = Config()
    traits.apply(config, Settings.model_validate_json(json.dumps(swarm_raw)), secrets)
    return config


@pytest.fixture
def spawner(swarm_config, swarm, monkeypatch):
    user = SimpleNamespace(name="Ann@x", url="/user/ann/", id=1, settings={}, escaped_name="Ann@x")
    user.groups, user.admin = [], False
    monkeypatch.setattr(ServiceSpawner, "_client", swarm)
    spawner = ServiceSpawner(config=swarm_config, user=user, hub=Hub(), api_token="token")
    monkeypatch.setattr(spawner, "get_env", lambda: {"JUPYTERHUB_API_TOKEN": "token"})
    monkeypatch.setattr(spawner, "get_args", list)
    return spawner
