"""As test_adoption.py, with services of a Swarm: the real hub and spawner, and the client's calls."""

import asyncio
import logging
from types import SimpleNamespace

import pytest
from aiohttp import web
from docker.errors import NotFound

from helpers.docker_filter import labels
from helpers.engine import serving
from helpers.hub import Routes, running_hub
from helpers.swarm import LOCAL, Swarm, task
from jupyterhub_on_docker.spawners.swarm.spawner import ServiceSpawner


class Services(Swarm):
    """Several services, by id, with a task each."""

    def __init__(self):
        super().__init__()
        self.services = {}

    def add(self, person, node):
        environment = {
            "JUPYTERHUB_API_TOKEN": person[0] * 32,
            "JUPYTERHUB_USER": person,
            "JUPYTERHUB_SERVER_NAME": "",
            "JUPYTERHUB_SERVICE_PREFIX": f"/base/user/{person}/",
        }
        lines = [f"{key}={value}" for key, value in environment.items()]
        spec = {
            "Name": f"jh-user-{person}",
            "Labels": labels(person),
            "TaskTemplate": {"ContainerSpec": {"Env": lines}},
        }
        identifier = f"s-{person}"
        created = "2026-11-21T09:00:00.123456789Z"
        self.services[identifier] = {"ID": identifier, "CreatedAt": created, "Spec": spec}
        self.user_tasks.append({**task("running", node=node), "ServiceID": identifier})

    def tasks(self, filters):
        if "service" in filters and filters["service"].startswith("jh-user-"):
            found = self.inspect_service(filters["service"])["ID"]
            return [one for one in self.user_tasks if one["ServiceID"] == found]
        return super().tasks(filters)

    def inspect_service(self, reference):
        for service in self.services.values():
            if reference in (service["ID"], service["Spec"]["Name"]):
                return service
        raise NotFound("gone", response=SimpleNamespace(status_code=404, url="", reason=""))

    def remove_service(self, identifier):
        del self.services[self.inspect_service(identifier)["ID"]]


@pytest.mark.parametrize("swarm_raw", [LOCAL], indirect=True)
def test_services_are_adopted_with_the_node_of_their_home_or_removed(
    swarm_raw, secrets, secrets_folder, tmp_path, monkeypatch, caplog
):
    (secrets_folder / "redis_password").write_text("redis-password\n")
    swarm_raw["auth"] = {"kind": "shared-password", "users": ["alice"], "admins": ["admin"]}
    swarm_raw["access"] = {"roles": [], "services": []}
    caplog.set_level(logging.INFO)
    swarm = Services()
    swarm.add("alice", "n2")
    swarm.add("mallory", "n1")
    monkeypatch.setattr(ServiceSpawner, "_client", swarm)
    Routes.table.clear()

    async def main(port):
        async def address(_spawner):
            return "127.0.0.1", port

        monkeypatch.setattr(ServiceSpawner, "get_ip_and_port", address)

        def services(c):
            c.JupyterHub.spawner_class = ServiceSpawner

        async with running_hub(swarm_raw, secrets, tmp_path, services, log=caplog.handler) as started:
            await started.app.ending
            assert (await started.visitor().api("a" * 32))[1]["name"] == "alice"
            spawner = started.app.users["alice"].spawners[""]
            assert spawner.ready
            assert spawner.orm_spawner.state == {
                "object_id": "s-alice",
                "object_name": "jh-user-alice",
                "home_node": {"id": "n2", "name": "host-n2"},
            }

    with serving(web.Application()) as port:
        asyncio.run(main(port))
    assert list(swarm.services) == ["s-alice"]
    assert "Adopted server jh-user-alice of alice" in caplog.text
    assert "Stopping server jh-user-mallory of mallory" in caplog.text
