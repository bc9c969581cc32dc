"""What the filter lets through of a Swarm: services of one task, and what is asked about them."""

import asyncio
import json
import os
import stat

import pytest

from helpers.swarm import (
    FIREWALL,
    GATE,
    IMAGE,
    LOCAL,
    STACK,
)
from jupyterhub_on_docker.docker_filter import rules
from jupyterhub_on_docker.docker_filter.denied import Denied
from jupyterhub_on_docker.docker_filter.folders import Bind
from jupyterhub_on_docker.docker_filter.services import ServicePolicy
from jupyterhub_on_docker.docker_filter.settings import FilterSettings, SwarmRules
from jupyterhub_on_docker.spawners.swarm import spec


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
        ("mount", "most", "is_allowed"),
        [
            ({}, 4096, True),
            ({}, 4095, False),
            ({}, None, False),
            ({"Target": "/tmp"}, 4096, False),
            ({"Source": "/dev"}, 4096, False),
            ({"TmpfsOptions": {"SizeBytes": 4096, "Mode": 0o4777}}, 4096, False),
            ({"TmpfsOptions": {"SizeBytes": 0, "Mode": 0o1777}}, 4096, False),
            ({"TmpfsOptions": None}, 4096, False),
            ({"VolumeOptions": {"Labels": {}}}, 4096, False),
            ({"Type": "bind", "Source": "/mnt/homes/shared"}, 4096, False),
        ],
    )
    def test_shared_memory_up_to_the_largest_of_the_settings(self, policy, body, mount, most, is_allowed):
        settings = policy._settings
        limits = settings.limits.model_copy(update={"shm_size": most})
        policy._settings = settings.model_copy(update={"limits": limits})
        (shm,) = spec.shared_memory(4096)
        body["TaskTemplate"]["ContainerSpec"]["Mounts"].append({**shm, **mount})
        if is_allowed:
            policy.create(json.dumps(body).encode())
            body["TaskTemplate"]["ContainerSpec"]["Mounts"].append({**shm, **mount})
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


def test_the_log_of_a_server_can_be_read_as_the_client_asks_for_it():
    """All of it is bounded, and none is followed."""
    asked = "details=False&follow=False&stdout=True&stderr=True&since=0&timestamps=False&tail=200"
    call = rules.match("GET", f"/v1.41/services/s1/logs?{asked}")
    assert (call.rule.handler, call.reference) == ("service_logs", "s1")
    for change in (("tail=200", "tail=all"), ("follow=False", "follow=1"), ("details=False", "details=1")):
        with pytest.raises(Denied):
            rules.match("GET", f"/v1.41/services/s1/logs?{asked.replace(*change)}")
    with pytest.raises(Denied, match="tail is missing"):
        rules.match("GET", "/v1.41/services/s1/logs?stdout=1")
