"""Servers as Swarm services: what is asked of Docker, and how its answers are understood."""

import asyncio
import json
import os
import socket
import stat
from types import SimpleNamespace

import pytest
from aiohttp import web
from docker.errors import APIError
from jupyterhub.httpclient import JupyterHubHTTPClient
from jupyterhub.objects import Hub
from jupyterhub_traefik_proxy.redis import TraefikRedisProxy
from traitlets.config import Config

from jupyterhub_on_docker import traits
from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.docker_filter.denied import Denied
from jupyterhub_on_docker.docker_filter.folders import Bind
from jupyterhub_on_docker.docker_filter.services import ServicePolicy
from jupyterhub_on_docker.docker_filter.settings import FilterSettings, SwarmRules
from jupyterhub_on_docker.routes import redis_proxy as proxy
from jupyterhub_on_docker.routes.redis_proxy import ServedRedisProxy
from jupyterhub_on_docker.servers.profiles import ServerProfiles
from jupyterhub_on_docker.spawners.swarm import nodes, tasks
from jupyterhub_on_docker.spawners.swarm.spawner import ServiceSpawner, SpawnError

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
            raise APIError("gone", response=SimpleNamespace(status_code=404, url="", reason=""))
        return {"ID": "s1", "Spec": self.service}

    def remove_service(self, _identifier):
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
def c(swarm_raw, secrets, secrets_folder):
    (secrets_folder / "redis_password").write_text("redis-password\n")
    config = Config()
    traits.apply(config, Settings.model_validate_json(json.dumps(swarm_raw)), secrets)
    return config


@pytest.fixture
def spawner(c, swarm, monkeypatch):
    user = SimpleNamespace(name="Ann@x", url="/user/ann/", id=1, settings={}, escaped_name="Ann@x")
    user.groups, user.admin = [], False
    monkeypatch.setattr(ServiceSpawner, "_client", swarm)
    spawner = ServiceSpawner(config=c, user=user, hub=Hub(), api_token="token")
    monkeypatch.setattr(spawner, "get_env", lambda: {"JUPYTERHUB_API_TOKEN": "token"})
    monkeypatch.setattr(spawner, "get_args", list)
    return spawner


def test_a_hub_that_starts_waits_until_the_nodes_know_each_other(spawner, swarm_raw):
    assert swarm_raw["servers"]["httpTimeout"] < traits.spawner.LEAST_HTTP_TIMEOUT
    assert spawner.http_timeout == traits.spawner.LEAST_HTTP_TIMEOUT


CLASSES = {
    "JupyterHubHTTPClient": JupyterHubHTTPClient,
    "ServiceSpawner": ServiceSpawner,
    "TraefikRedisProxy": TraefikRedisProxy,
}


def test_every_trait_exists_and_can_be_configured(c):
    unknown = [
        f"{section}.{name}"
        for section, cls in CLASSES.items()
        for name in c[section]
        if name not in cls.class_traits(config=True)
    ]
    assert unknown == []


def test_the_hub_asks_for_addresses_each_time(c, monkeypatch):
    """Docker lets addresses of names be kept for ten minutes: a server that was started again has another."""
    addresses = iter(["172.31.0.10", "172.31.0.11"])

    async def getaddrinfo(_loop, _host, port, **_):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(addresses), port))]

    async def resolved():
        async with JupyterHubHTTPClient(config=c)._new_connector() as connector:
            return [(await connector._resolve_host("jh-user-ann", 8888))[0]["host"] for _ in range(2)]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)
    assert asyncio.run(in_loop(resolved)) == ["172.31.0.10", "172.31.0.11"]


async def in_loop(coroutine):
    return await coroutine()


def test_routes_go_to_redis(c):
    assert c.TraefikRedisProxy.redis_url == "redis://redis:6379"
    assert c.TraefikRedisProxy.redis_password == "redis-password"
    # Nothing but routes: Traefik's API is the stack's affair.
    assert c.TraefikProxy.enable_setup_dynamic_config is False


def test_a_server_is_this_service(spawner, swarm):
    assert asyncio.run(spawner.start()) == (NAME, 8888)
    template = swarm.service["TaskTemplate"]
    assert swarm.service["Labels"] == USER_LABELS
    assert swarm.service["EndpointSpec"] == {"Mode": "dnsrr"}
    container = template["ContainerSpec"]
    assert container["Mounts"] == [
        {"Type": "bind", "Source": "/mnt/homes/users/Ann%40x", "Target": "/home/jovyan"},
        {
            "Type": "bind",
            "Source": "/mnt/homes/shared",
            "Target": "/home/jovyan/shared",
            "ReadOnly": True,
        },
        GATE,
    ]
    assert template["Networks"] == [{"Target": "jh-notebooks"}]
    assert (container["User"], container["CapabilityDrop"]) == ("1000:100", ["ALL"])
    assert "Args" not in container
    assert template["Resources"] == {
        "Limits": {"MemoryBytes": 1073741824, "NanoCPUs": 1_500_000_000, "Pids": 512},
        "Reservations": {"MemoryBytes": 268435456, "NanoCPUs": 100_000_000},
    }
    assert template["RestartPolicy"]["Condition"] == "on-failure"
    assert template["Placement"] == {"Constraints": ["node.role==worker", "node.id!=n3"]}


def test_a_service_tells_what_it_has_of_groups_that_its_person_left(spawner, swarm):
    assert asyncio.run(spawner.lost_folders()) == []
    asyncio.run(spawner.start())
    assert asyncio.run(spawner.lost_folders()) == []
    mounts = swarm.service["TaskTemplate"]["ContainerSpec"]["Mounts"]
    mounts.append({"Type": "bind", "Source": "/mnt/homes/groups/physics", "Target": "/home/jovyan/groups/p"})
    mounts[1].pop("ReadOnly")
    assert asyncio.run(spawner.lost_folders()) == ["/mnt/homes/groups/physics", "/mnt/homes/shared"]


@pytest.mark.parametrize("swarm_raw", [NFS], indirect=True)
def test_a_volume_is_a_volume_with_the_users_options(spawner, swarm):
    asyncio.run(spawner.start())
    mount, gate = swarm.service["TaskTemplate"]["ContainerSpec"]["Mounts"]
    assert gate == GATE
    assert (mount["Type"], mount["Source"]) == ("volume", "jh-home--41nn-40x")
    assert mount["VolumeOptions"]["DriverConfig"] == {
        "Name": "local",
        "Options": {"type": "nfs", "o": "addr=nfs,rw", "device": ":/homes/-41nn-40x"},
    }


def test_a_profile_and_groups_decide_where_it_runs_and_what_it_may_use(spawner, swarm, swarm_raw):
    swarm.tasks_["jh-pre-puller-large"] = [task("running", node="n1")]
    settings = swarm_raw | {"spawner": swarm_raw["spawner"] | {"profiles": [PROFILE]}}
    spawner.settings = Settings.model_validate_json(json.dumps(settings))
    profiles = ServerProfiles(spawner.settings.spawner, {}, spawner.settings.groups)
    spawner.user.groups = [SimpleNamespace(name="physics")]
    spawner.orm_spawner = SimpleNamespace(user_options={}, server=None, name="")
    spawner.handler = None
    profiles.apply(spawner, {})
    asyncio.run(spawner.start())
    template = swarm.service["TaskTemplate"]
    assert template["Placement"]["Constraints"] == [
        "node.role==worker",
        "node.labels.size==large",
        "node.labels.physics==yes",
        "node.id!=n2",
        "node.id!=n3",
    ]
    assert template["Resources"]["Limits"] == {
        "MemoryBytes": 2147483648,
        "NanoCPUs": 2_000_000_000,
        "Pids": 512,
    }
    container = template["ContainerSpec"]
    assert container["Image"] == LARGE
    assert container["Mounts"][-2] == {
        "Type": "bind",
        "Source": "/mnt/homes/groups/physics",
        "Target": "/home/jovyan/groups/physics",
    }


def test_nodes_without_the_image_are_left_out_until_all_lack_it(spawner, swarm):
    swarm.tasks_["jh-pre-puller"] = [task("running", node="n2"), task("preparing", node="n1")]
    asyncio.run(spawner.start())
    assert swarm.service["TaskTemplate"]["Placement"]["Constraints"] == [
        "node.role==worker",
        "node.id!=n1",
        "node.id!=n3",
    ]
    swarm.tasks_["jh-pre-puller"] = []
    asyncio.run(spawner.start())
    assert swarm.service["TaskTemplate"]["Placement"]["Constraints"] == ["node.role==worker"]


def test_nodes_without_the_firewall_are_left_out_and_where_all_lack_it_nobody_starts(spawner, swarm):
    swarm.tasks_["jh-firewall"] = [task("running", node="n2"), task("starting", node="n1")]
    asyncio.run(spawner.start())
    constraints = ["node.role==worker", "node.id!=n1", "node.id!=n3"]
    assert swarm.service["TaskTemplate"]["Placement"]["Constraints"] == constraints
    # The image alone does not make a node one that may: none has it where there are rules.
    swarm.tasks_["jh-pre-puller"] = [task("running", node="n1")]
    asyncio.run(spawner.start())
    assert swarm.service["TaskTemplate"]["Placement"]["Constraints"] == constraints
    # On a manager there are no servers here.
    swarm.service = None
    swarm.tasks_["jh-firewall"] = [task("running", node="n3")]
    with pytest.raises(SpawnError, match="no node that may take one has a firewall that runs"):
        asyncio.run(spawner.start())
    assert swarm.service is None


@pytest.mark.parametrize("swarm_raw", [LOCAL], indirect=True)
def test_a_home_is_not_opened_on_a_node_without_the_firewall(spawner, swarm):
    asyncio.run(spawner.start())
    home = spawner.home_node["id"]
    swarm.tasks_["jh-firewall"] = [task("running", node={"n1": "n2", "n2": "n1"}[home])]
    with pytest.raises(SpawnError, match=f"on host-{home}, whose firewall does not run"):
        asyncio.run(spawner.start())


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ([task("pending", error="no suitable node (insufficient resources on 3 nodes)")], "no suitable node"),
        ([task("rejected", desired="shutdown", error="No such image: x")], "No such image: x"),
        (
            [
                task("rejected", desired="shutdown", error="invalid mount config: bind source path"),
                task("preparing", at=2),
            ],
            "invalid mount config",
        ),
        ([task("failed", desired="shutdown", error="task: non-zero exit (127)", code=127)], "exit code 127"),
        ([task("complete", desired="shutdown")], "complete"),
    ],
)
def test_a_failure_is_told_at_once_and_nothing_of_it_is_left(spawner, swarm, found, reason):
    swarm.next_tasks = [[], [task("preparing")], found]
    with pytest.raises(SpawnError, match="could not start") as raised:
        asyncio.run(spawner.start())
    assert reason in raised.value.jupyterhub_message
    assert swarm.service is None


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([task("running")], None),
        # The node is lost: its task is still said to run, and is not wanted any more.
        ([task("running", desired="shutdown"), task("preparing", at=2, node="n2")], None),
        ([task("failed", desired="shutdown", at=1), task("ready", desired="ready", at=2)], None),
        ([task("pending", error="no suitable node (1 node not available)")], None),
        ([task("complete", desired="shutdown")], 0),
        ([task("failed", desired="shutdown", error="task: non-zero exit (1)", code=1)], "exit code 1"),
    ],
)
def test_poll_tells_a_restart_from_the_end(spawner, swarm, found, expected):
    asyncio.run(spawner.start())
    swarm.next_tasks = [found]
    answer = asyncio.run(spawner.poll())
    assert answer == expected if expected in (None, 0) else expected in answer


def test_a_service_that_is_gone_has_ended(spawner):
    assert asyncio.run(spawner.poll()) == 0


def test_a_server_has_stopped_when_nothing_answers_under_its_name(spawner, swarm, monkeypatch):
    asyncio.run(spawner.start())
    # Services have gone from the list before their containers have.
    mine = task("running", desired="remove") | {"ServiceID": "s1"}
    others = task("running") | {"ServiceID": "s2"}
    answers = [[mine, others], [mine, others], [mine | {"Status": {"State": "shutdown"}}, others], []]
    asked = []

    def tasks_of(filters):
        asked.append(filters)
        return answers.pop(0)

    monkeypatch.setattr(swarm, "tasks", tasks_of)
    asyncio.run(spawner.remove_object())
    assert len(answers) == 1
    assert asked[0] == {"label": [f"{key}={value}" for key, value in USER_LABELS.items()]}


@pytest.mark.parametrize("swarm_raw", [LOCAL], indirect=True)
class TestLocalHomes:
    def test_the_user_is_bound_to_the_node_with_the_fewest_servers_and_stays(self, spawner, swarm):
        swarm.user_tasks = [task("running", node="n1")]
        asyncio.run(spawner.start())
        assert swarm.service["TaskTemplate"]["Placement"]["Constraints"][-1] == "node.id==n2"
        asyncio.run(spawner.stop())
        state = spawner.get_state()
        assert state["home_node"] == {"id": "n2", "name": "host-n2"}
        swarm.user_tasks = []
        spawner.load_state(state)
        asyncio.run(spawner.start())
        assert swarm.service["TaskTemplate"]["Placement"]["Constraints"][-1] == "node.id==n2"

    @pytest.mark.parametrize(
        ("there", "message"),
        [
            ([node("n2", state="down")], "host-n2, which is down"),
            ([node("n2", availability="drain")], "closed for maintenance"),
            ([node("n1")], "host-n2, which is gone"),
        ],
    )
    def test_a_user_whose_node_is_down_is_told_so_by_name(self, spawner, swarm, there, message):
        spawner.load_state({"home_node": {"id": "n2", "name": "host-n2"}})
        swarm.nodes_ = there
        with pytest.raises(SpawnError) as raised:
            asyncio.run(spawner.start())
        assert message in raised.value.jupyterhub_message
        assert swarm.service is None

    def test_a_home_that_was_moved_is_where_the_label_says(self, spawner, swarm):
        spawner.load_state({"home_node": {"id": "n2", "name": "host-n2"}})
        swarm.nodes_ = [node("n1", labels={"org.jupyterhub.home.jh.-41nn-40x": "yes"}), node("n2")]
        asyncio.run(spawner.start())
        assert swarm.service["TaskTemplate"]["Placement"]["Constraints"][-1] == "node.id==n1"
        assert spawner.get_state()["home_node"] == {"id": "n1", "name": "host-n1"}

    def test_a_running_server_whose_node_is_lost_has_ended(self, spawner, swarm):
        asyncio.run(spawner.start())
        swarm.next_tasks = [[task("pending", at=2, error="no suitable node (scheduling constraints …)")]]
        assert "no suitable node" in asyncio.run(spawner.poll())


def test_times_of_tasks_are_compared_as_numbers():
    earlier, later = task("failed", desired="shutdown"), task("running")
    earlier["CreatedAt"], later["CreatedAt"] = "2026-11-21T09:00:01.5Z", "2026-11-21T09:00:01.51Z"
    assert tasks.state([later, earlier]).kind == "running"


def test_constraints_are_read_where_the_node_is_chosen_here():
    (found,) = nodes.parse([node("n1", labels={"gpu": "yes"})])
    assert found.allowed_by(["node.role==worker", "node.labels.gpu==yes", "node.platform.os==linux"])
    assert not found.allowed_by(["node.labels.gpu!=yes"])
    assert not found.allowed_by(["node.hostname==other"])


class TestRoutes:
    """Where the hub looks for them."""

    def test_the_hub_looks_for_them_where_traefik_has_them_from(self):
        assert ServedRedisProxy.provider_name == "http"


class TestFilter:
    """What the filter lets through."""

    @pytest.fixture
    def policy(self, tmp_path):
        for parent in ("users", "groups"):
            (tmp_path / "mnt/homes" / parent).mkdir(parents=True)
        settings = FilterSettings.model_validate(
            {
                "version": 1,
                "socket": "/docker.sock",
                "listen": "0.0.0.0:2375",
                "namePrefix": "jh",
                "network": "jh-notebooks",
                "images": [IMAGE],
                # Of the host, where the test may give folders to nobody else.
                "uid": 1000,
                "gid": 100,
                "volumes": [LOCAL["volume"]],
                "folders": ["/mnt/homes/shared"],
                "parents": ["/mnt/homes/users", "/mnt/homes/groups"],
                "limits": {"memory": 1073741824, "swap": 0, "cpus": 1.5, "processes": 512},
                "swarm": {
                    "constraints": ["node.role==worker"],
                    "data": None,
                    "prePullers": ["jh-pre-puller"],
                    "firewall": FIREWALL,
                    "registryAuth": None,
                },
            }
        )
        assert isinstance(settings.swarm, SwarmRules)
        return ServicePolicy(settings, settings.swarm, tmp_path)

    @pytest.fixture
    def body(self, spawner, swarm):
        asyncio.run(spawner.start())
        # A copy: parts are the program's own constants.
        return json.loads(json.dumps(swarm.service))

    def test_what_the_spawner_asks_for(self, policy, body):
        forwarded, binds = policy.create(json.dumps(body).encode())
        assert json.loads(forwarded) == body
        assert binds == [
            Bind("/mnt/homes/users/Ann%40x", "/home/jovyan"),
            Bind("/mnt/homes/shared", "/home/jovyan/shared"),
        ]

    def test_folders_are_made_and_given_to_servers_before_they_are_mounted(self, policy, tmp_path):
        binds = [
            Bind("/mnt/homes/users/ann", "/home/jovyan"),
            Bind("/mnt/homes/groups/physics", "/home/jovyan/groups/physics"),
        ]
        policy.folders.prepare(binds)
        policy.folders.prepare(binds)
        found = {
            path: stat.S_IMODE((tmp_path / "mnt/homes" / path).stat().st_mode)
            for path in ("users/ann", "users/ann/groups/physics", "groups/physics")
        }
        assert found == {"users/ann": 0o700, "users/ann/groups/physics": 0o755, "groups/physics": 0o775}
        assert (tmp_path / "mnt/homes/groups/physics").stat().st_uid == (os.getuid() or 1000)

    def test_a_link_in_a_home_leads_nowhere(self, policy, tmp_path):
        homes = tmp_path / "mnt/homes/users"
        (homes / "ann").mkdir()
        (homes / "bob").mkdir()
        (homes / "ann/groups").symlink_to(homes / "bob")
        binds = [
            Bind("/mnt/homes/users/ann", "/home/jovyan"),
            Bind("/mnt/homes/groups/physics", "/home/jovyan/groups/physics"),
        ]
        with pytest.raises(NotADirectoryError):
            policy.folders.prepare(binds)
        assert list((homes / "bob").iterdir()) == []

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("Name", "jh-hub"),
            ("Labels", {"org.jupyterhub.stack": "other"}),
            ("Mode", {"Global": {}}),
            ("EndpointSpec.Ports", [{"TargetPort": 1}]),
            ("TaskTemplate.ContainerSpec.Image", "other"),
            ("TaskTemplate.ContainerSpec.User", "0:0"),
            ("TaskTemplate.ContainerSpec.CapabilityDrop", []),
            ("TaskTemplate.ContainerSpec.CapabilityAdd", ["CAP_SYS_ADMIN"]),
            ("TaskTemplate.ContainerSpec.Secrets", [{"SecretID": "x"}]),
            ("TaskTemplate.ContainerSpec.Configs", [{"ConfigID": "x"}]),
            ("TaskTemplate.ContainerSpec.Command", ["sh"]),
            ("TaskTemplate.ContainerSpec.Privileges", {"NoNewPrivileges": False}),
            ("TaskTemplate.Networks", [{"Target": "jh-control"}]),
            ("TaskTemplate.Networks", [{"Target": "jh-notebooks"}, {"Target": "jh-control"}]),
            ("TaskTemplate.Networks", [{"Target": "jh-notebooks"}, {"Target": "host"}]),
            ("TaskTemplate.Placement.Constraints", ["node.role==manager"]),
            ("TaskTemplate.Resources.Limits", {"MemoryBytes": 1, "NanoCPUs": 1}),
            ("TaskTemplate.Resources.Limits", {"MemoryBytes": 2**40, "NanoCPUs": 1, "Pids": 1}),
            ("TaskTemplate.Resources.Limits", {"MemoryBytes": 1, "NanoCPUs": 2_000_000_000, "Pids": 1}),
            ("TaskTemplate.Resources.Limits", {"MemoryBytes": 1, "NanoCPUs": 1, "Pids": 513}),
            ("TaskTemplate.RestartPolicy.Condition", "any"),
            ("TaskTemplate.ContainerSpec.Mounts", [{"Type": "bind", "Source": "/", "Target": "/x"}]),
            (
                "TaskTemplate.ContainerSpec.Mounts",
                [{"Type": "bind", "Source": "/mnt/homes/../x", "Target": "/x"}],
            ),
            ("TaskTemplate.ContainerSpec.Mounts", [{"Type": "bind", "Source": "/mnt/homes", "Target": "/x"}]),
            (
                "TaskTemplate.ContainerSpec.Mounts",
                [
                    {
                        "Type": "volume",
                        "Source": "jh-home-a",
                        "Target": "/x",
                        "VolumeOptions": {
                            "Labels": {**STACK, "org.jupyterhub.role": "home"},
                            "DriverConfig": {"Name": "local", "Options": {"o": "bind", "device": "/"}},
                        },
                    }
                ],
            ),
        ],
    )
    def test_anything_else_is_denied(self, policy, body, path, value):
        *parents, last = path.split(".")
        if last == "Mounts":
            # It is the mount that is denied, and not that this one is missing.
            value = [*value, GATE]
        place = body
        for key in parents:
            place = place[key]
        place[last] = value
        with pytest.raises(Denied):
            policy.create(json.dumps(body).encode())

    @pytest.mark.parametrize(
        "gates",
        [
            [],
            [GATE, GATE],
            [GATE | {"ReadOnly": False}],
            [GATE | {"Target": "/x"}],
            [GATE | {"Source": "/dev/shm"}],
            [GATE, GATE | {"Source": "/dev/shm/other"}],
        ],
    )
    def test_a_server_that_could_start_before_the_firewall_is_denied(self, policy, body, gates):
        container = body["TaskTemplate"]["ContainerSpec"]
        mounts = [mount for mount in container["Mounts"] if mount != GATE]
        container["Mounts"] = [*mounts, GATE]
        policy.create(json.dumps(body).encode())
        container["Mounts"] = [*mounts, *gates]
        with pytest.raises(Denied):
            policy.create(json.dumps(body).encode())

    @pytest.mark.parametrize(
        "filters",
        [
            {"service": ["jh-user-a"], "desired-state": ["running"]},
            {"service": ["jh-hub"]},
            {"label": ["org.jupyterhub.stack=jh"]},
            {},
            [],
        ],
    )
    def test_tasks_of_others_are_not_shown(self, policy, filters):
        with pytest.raises(Denied):
            policy.tasks(json.dumps(filters))

    @pytest.mark.parametrize(
        "filters",
        [
            {"service": ["jh-user-a"]},
            {"service": ["jh-pre-puller"]},
            {"service": ["jh-firewall"]},
            {"label": ["org.jupyterhub.stack=jh", "org.jupyterhub.role=user"]},
        ],
    )
    def test_tasks_of_servers_are_shown(self, policy, filters):
        policy.tasks(json.dumps(filters))

    def test_a_service_of_another_stack_is_out_of_reach(self, policy):
        with pytest.raises(Denied):
            policy.service({"Spec": {"Name": "jh-user-a", "Labels": {"org.jupyterhub.stack": "jh2"}}})


class Traefiks:
    """The APIs of several Traefiks, at addresses of the loopback and one port."""

    ROUTE = ("/api/http/services/", "/api/http/routers/")

    def __init__(self, delays):
        self.delays = delays
        """Questions after which each has the route; None for one that is not there."""
        self.asked = dict.fromkeys(delays, 0)
        self.hosts = set()

    async def __aenter__(self):
        self._runners = []
        self.port = 0
        for address, delay in self.delays.items():
            if delay is None:
                continue
            application = web.Application()
            application.router.add_get("/{path:.*}", self._answer(address))
            runner = web.AppRunner(application)
            await runner.setup()
            site = web.TCPSite(runner, address, self.port)
            await site.start()
            self.port = self.port or runner.addresses[0][1]
            self._runners.append(runner)
        return self

    async def __aexit__(self, *_):
        for runner in self._runners:
            await runner.cleanup()

    def _answer(self, address):
        async def answer(request):
            assert request.path.startswith(self.ROUTE), request.path
            assert request.path.endswith("@http")
            self.hosts.add(request.headers["Host"])
            self.asked[address] += 1
            return web.Response(status=200 if self.asked[address] > self.delays[address] else 404, text="{}")

        return answer


@pytest.fixture
def served(monkeypatch):
    async def found(_self, _routespec):
        """One Traefik has the route: upstream waits no longer."""

    monkeypatch.setattr(TraefikRedisProxy, "_wait_for_route", found)
    monkeypatch.setattr(proxy, "INTERVAL", 0.01)

    async def wait(traefiks):
        async def addresses(_self):
            return list(traefiks.delays)

        async with traefiks:
            monkeypatch.setattr(ServedRedisProxy, "_addresses", addresses)
            served = ServedRedisProxy(
                hub=Hub(), app=SimpleNamespace(), traefik_api_url=f"http://proxy-api:{traefiks.port}"
            )
            await served._wait_for_route("/user/ann/")
        return served

    return wait


def test_a_route_is_there_when_every_traefik_has_it(served):
    traefiks = Traefiks({"127.0.0.1": 0, "127.0.0.2": 6, "127.0.0.3": None})
    asyncio.run(served(traefiks))
    assert traefiks.asked["127.0.0.2"] >= 7
    assert {host.partition(":")[0] for host in traefiks.hosts} == {"proxy-api"}


def test_a_traefik_that_never_has_the_route_holds_nobody_up_for_long(served, monkeypatch):
    monkeypatch.setattr(proxy, "EVERYWHERE", 0.2)
    warnings = []
    monkeypatch.setattr(
        ServedRedisProxy, "log", SimpleNamespace(warning=lambda *words: warnings.append(words))
    )
    asyncio.run(served(Traefiks({"127.0.0.1": 0, "127.0.0.2": 10**6})))
    assert [words[1] for words in warnings if words[0].startswith("Traefik at")] == ["127.0.0.2"]


def test_the_addresses_of_all_traefiks_are_those_of_their_name():
    served = ServedRedisProxy(hub=Hub(), app=SimpleNamespace(), traefik_api_url="http://localhost:1")
    assert asyncio.run(served._addresses()) == ["127.0.0.1"]
    served.traefik_api_url = "http://nowhere.invalid:1"
    assert asyncio.run(served._addresses()) == []
