"""Servers as Swarm services: what is asked of Docker, and how its answers are understood."""

import asyncio
import json
import socket
from datetime import datetime
from types import SimpleNamespace

import pytest
from docker.errors import APIError
from jupyterhub.httpclient import JupyterHubHTTPClient
from jupyterhub_traefik_proxy.redis import TraefikRedisProxy

from helpers.swarm import (
    GATE,
    LARGE,
    LOCAL,
    NAME,
    NFS,
    PROFILE,
    USER_LABELS,
    node,
    task,
)
from jupyterhub_on_docker import traits
from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.servers.profiles import ServerProfiles
from jupyterhub_on_docker.servers.running import Running
from jupyterhub_on_docker.servers.spawn_error import SpawnError
from jupyterhub_on_docker.spawners.swarm import nodes, tasks
from jupyterhub_on_docker.spawners.swarm.spawner import ServiceSpawner


def test_a_hub_that_starts_waits_until_the_nodes_know_each_other(spawner, swarm_raw):
    assert swarm_raw["servers"]["httpTimeout"] < traits.spawner.LEAST_HTTP_TIMEOUT
    assert spawner.http_timeout == traits.spawner.LEAST_HTTP_TIMEOUT


CLASSES = {
    "JupyterHubHTTPClient": JupyterHubHTTPClient,
    "ServiceSpawner": ServiceSpawner,
    "TraefikRedisProxy": TraefikRedisProxy,
}


def test_every_trait_exists_and_can_be_configured(swarm_config):
    unknown = [
        f"{section}.{name}"
        for section, cls in CLASSES.items()
        for name in swarm_config[section]
        if name not in cls.class_traits(config=True)
    ]
    assert unknown == []


def test_the_hub_asks_for_addresses_each_time(swarm_config, monkeypatch):
    """Docker lets addresses of names be kept for ten minutes: a server that was started again has another."""
    addresses = iter(["172.31.0.10", "172.31.0.11"])

    async def getaddrinfo(_loop, _host, port, **_):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(addresses), port))]

    async def resolved():
        async with JupyterHubHTTPClient(config=swarm_config)._new_connector() as connector:
            return [(await connector._resolve_host("jh-user-ann", 8888))[0]["host"] for _ in range(2)]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)
    assert asyncio.run(in_loop(resolved)) == ["172.31.0.10", "172.31.0.11"]


async def in_loop(coroutine):
    return await coroutine()


def test_routes_go_to_redis(swarm_config):
    assert swarm_config.TraefikRedisProxy.redis_url == "redis://redis:6379"
    assert swarm_config.TraefikRedisProxy.redis_password == "redis-password"
    # Nothing but routes: Traefik's API is the stack's affair.
    assert swarm_config.TraefikProxy.enable_setup_dynamic_config is False


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
    with pytest.raises(SpawnError, match="the firewall runs on none of the nodes for servers"):
        asyncio.run(spawner.start())
    assert swarm.service is None


@pytest.mark.parametrize("swarm_raw", [LOCAL], indirect=True)
def test_a_home_is_not_opened_on_a_node_without_the_firewall(spawner, swarm):
    asyncio.run(spawner.start())
    home = spawner.home_node["id"]
    swarm.tasks_["jh-firewall"] = [task("running", node={"n1": "n2", "n2": "n1"}[home])]
    with pytest.raises(SpawnError, match=f"on host-{home}, whose firewall is not running"):
        asyncio.run(spawner.start())


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (
            [task("pending", error="no suitable node (insufficient resources on 3 nodes)")],
            "No node has enough memory",
        ),
        (
            [task("rejected", desired="shutdown", error="No such image: x")],
            "image that your server is started from is missing",
        ),
        (
            [
                task("rejected", desired="shutdown", error="invalid mount config: bind source path"),
                task("preparing", at=2),
            ],
            "A folder of your server could not be mounted",
        ),
        ([task("failed", desired="shutdown", error="task: non-zero exit (127)", code=127)], "exit code 127"),
        ([task("failed", desired="shutdown", error="task: non-zero exit (137)", code=137)], "(1 GiB)"),
        ([task("complete", desired="shutdown")], "ended before it answered"),
    ],
)
def test_a_failure_is_told_at_once_and_nothing_of_it_is_left(spawner, swarm, found, reason):
    swarm.next_tasks = [[], [task("preparing")], found]
    with pytest.raises(SpawnError) as raised:
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


def test_running_services_are_found_with_what_the_hub_needs_to_go_on(spawner, swarm):
    asyncio.run(spawner.create_object())
    mine = {**task("running", node="n2"), "ServiceID": "s1"}
    swarm.user_tasks = [mine, {**task("shutdown", desired="shutdown"), "ServiceID": "s2"}]
    (found,) = asyncio.run(spawner.running_servers(set()))
    assert (found.id, found.name, found.owner, found.node) == ("s1", NAME, "Ann@x", "n2")
    assert found.environment == {"JUPYTERHUB_API_TOKEN": "token"}
    assert found.since == datetime(2026, 11, 21, 9)
    # Its last container has failed, and Swarm waits a second before the next.
    swarm.user_tasks = [{**mine, "DesiredState": "ready"}, {**mine, "DesiredState": "shutdown"}]
    assert [one.id for one in asyncio.run(spawner.running_servers(set()))] == ["s1"]
    # The log has no token.
    assert "token" not in repr(found)
    assert asyncio.run(spawner.running_servers({"s1"})) == []
    asyncio.run(spawner.end_server(found))
    assert swarm.service is None
    assert asyncio.run(spawner.running_servers(set())) == []
    asyncio.run(spawner.end_server(found))


def test_another_stacks_service_in_the_database_is_forgotten(spawner, swarm, monkeypatch):
    inspect = swarm.inspect_service

    def filtered(name):
        if name == NAME:
            return inspect(name)
        raise APIError("not this stack's", response=SimpleNamespace(status_code=403, url="", reason=""))

    monkeypatch.setattr(swarm, "inspect_service", filtered)
    spawner.load_state({"object_id": "s7", "object_name": "old-user-ann"})
    assert asyncio.run(spawner.poll()) == 0
    assert spawner.get_state() == {}
    assert spawner.object_name == NAME


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

    def test_a_server_that_is_taken_over_keeps_its_home(self, spawner, swarm):
        running = Running("s1", NAME, "Ann@x", datetime(2026, 11, 21), {}, node="n2")
        asyncio.run(spawner.take_over(running))
        assert spawner.get_state() == {
            "object_id": "s1",
            "object_name": NAME,
            "home_node": {"id": "n2", "name": "host-n2"},
        }

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
