"""SwarmSpawner, put right.

What dockerspawner's own does, and this does not: every volume is `type=bind`, so that a named one fails.
There is no restart policy, so that Docker's `any` starts a server again that its user has shut down. A task
`rejected` counts as still starting, so that a failure is told after `start_timeout`. A task that is being
replaced is taken for the server's end. `mounts` is a property that no configuration reaches.
"""

import asyncio
from collections.abc import Collection, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from docker.errors import APIError, NotFound
from dockerspawner import SwarmSpawner
from requests import RequestException
from traitlets import Dict, Int

from ...config import Settings, SwarmServers
from ...labels import ROLE, STACK
from ...servers import ends
from ...servers.failures import Reason
from ...servers.folders import Person
from ...servers.object_names import LONGEST_SERVICE
from ...servers.person import PersonalServer
from ...servers.profiles import OPTION as PROFILE
from ...servers.running import Running, of_service
from ...servers.spawn_error import SpawnError
from ..calls import ConcurrentCalls
from . import ended, nodes, spec, tasks

POLL = 0.3
"""Seconds between two looks at a server that starts or ends."""

END = 20
"""Seconds for a container to end: the engine kills it after ten."""


NO_FIREWALL = (
    "No server can start now: the firewall runs on none of the nodes for servers. "
    "Ask an administrator to check the hub's firewall service."
)


class ServiceSpawner(ConcurrentCalls, PersonalServer, SwarmSpawner):
    """Runs each server as a service with one task."""

    longest_name = Int(LONGEST_SERVICE)

    server_labels = Dict(config=True, help="Labels of services; values are templates as in `volumes`.")

    _limits = 0, 0
    """Bytes of memory and processes of the service that there is."""

    home_node = Dict(help="Id and name of the node with the home, where homes are local to nodes.")

    @property
    def servers(self) -> SwarmServers:
        found = self.settings.spawner
        assert isinstance(found, SwarmServers)
        return found

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self.home_node = state.get("home_node", {})

    def get_state(self) -> dict[str, Any]:
        state: dict[str, Any] = super().get_state()
        if self.home_node:
            # It outlives the server: the home stays where it is.
            state["home_node"] = dict(self.home_node)
        return state

    async def create_object(self) -> dict[str, Any]:
        """Makes the service."""
        settings: Settings = self.settings
        servers, storage, person = self.servers, settings.storage, self.person
        limits = self.resolve_limits(person)
        # The server is told of these two.
        self.mem_limit, self.cpu_limit = limits.memory, limits.cpus
        self.forget_end()
        self._limits = limits.memory, limits.processes
        server = spec.Server(
            name=self.service_name,
            image=self.image,
            args=await self._arguments(),
            environment=self.get_env(),
            user=f"{storage.uid}:{storage.gid}",
            memory=limits.memory,
            cpus=limits.cpus,
            processes=limits.processes,
            reserved_memory=min(limits.memory_reservation or servers.reservation.memory, limits.memory),
            reserved_cpus=min(servers.reservation.cpus, limits.cpus),
            mounts=[
                *(spec.mount(mount, servers.labels, person.name) for mount in self.wanted_mounts()),
                *spec.shared_memory(limits.shm_size),
                spec.gate(servers.firewall.gate),
            ],
            constraints=await self._placement(person),
            network=self.network_name,
            labels=self._render_templates(self.server_labels),
            log=servers.log,
        )
        made: dict[str, Any] = await self.docker(
            "create_service",
            spec.task_template(server),
            name=server.name,
            labels=server.labels,
            endpoint_spec=spec.ENDPOINT,
        )
        return made

    async def held_folders(self) -> dict[str, bool]:
        service = await self.get_object()
        container = service["Spec"]["TaskTemplate"]["ContainerSpec"] if service else {}
        mounts = container.get("Mounts") or []
        # What is in memory has no source.
        return {mount["Source"]: not mount.get("ReadOnly", False) for mount in mounts if mount.get("Source")}

    async def _arguments(self) -> list[str] | None:
        """Words of the command, or None for the image's own."""
        arguments = self.get_args()
        if not self.cmd and not arguments:
            return None
        words: list[str] = await self.get_command()
        return words

    def _constraints(self, person: Person) -> list[str]:
        """What the settings say of where this server may run."""
        placement = self.servers.placement
        profile = placement.profiles.get(self.user_options.get(PROFILE, ""), [])
        groups = [constraint for group in person.groups for constraint in placement.groups.get(group, [])]
        return list(dict.fromkeys([*placement.everybody, *profile, *groups]))

    async def _placement(self, person: Person) -> list[str]:
        constraints = self._constraints(person)
        known = nodes.parse(await self.docker("nodes"))
        closed = await self._closed(known)
        usable = [node for node in known if node.ready and node.active and node.allowed_by(constraints)]
        if usable and all(node in closed for node in usable):
            raise SpawnError(NO_FIREWALL)
        open_ = [node for node in known if node not in closed]
        late = [*closed, *nodes.unprepared(open_, await self._prepared(open_))]
        if not self.servers.pinned:
            return [*constraints, *(f"node.id!={node.id}" for node in late)]
        # Where an administrator has moved the home to is newer than what the hub remembers.
        label = nodes.home_label(self.servers.prefix, person.volume_name)
        if moved := nodes.with_label(known, label):
            self.home_node = {"id": moved.id, "name": moved.name}
        if self.home_node:
            home = nodes.find(known, self.home_node["id"])
            if problem := nodes.cannot_serve(home, self.home_node["name"], closed):
                raise SpawnError(problem)
        else:
            allowed = [node.id for node in known if node not in late and node.allowed_by(constraints)]
            node = nodes.choose(known, allowed, await self._load())
            if node is None:
                raise SpawnError(
                    "No node can take a new home now: none is up, accepts servers and has the image."
                )
            self.home_node = {"id": node.id, "name": node.name}
        return [*constraints, f"node.id=={self.home_node['id']}"]

    async def _closed(self, known: list[nodes.Node]) -> list[nodes.Node]:
        service = self.servers.firewall.service
        tasks = await self.docker("tasks", filters={"service": service})
        return nodes.closed(known, nodes.running_on(tasks))

    async def _prepared(self, known: list[nodes.Node]) -> set[str]:
        pre_puller = self.servers.pre_pullers.get(self.image)
        if pre_puller is None:
            return {node.id for node in known}
        return nodes.running_on(await self.docker("tasks", filters={"service": pre_puller}))

    async def _load(self) -> dict[str, int]:
        """Servers on each node."""
        found = await self.docker("tasks", filters={"label": self._labels_of_servers()})
        running = [task.get("NodeID") for task in found if task["DesiredState"] == "running"]
        return {node: running.count(node) for node in running}

    async def start_object(self) -> None:
        """Waits for the server to run. What keeps it from that is told at once, and nothing of it is left."""
        while True:
            found = await self._tasks()
            if tasks.state(found).kind == "running":
                return
            if tasks.failure(found):
                reason = await self._look_at_end(found)
                await self.remove_object()
                self.object_id = ""
                reason = ends.never_answered(reason)
                raise SpawnError(reason.sentence, reason.detail)
            await asyncio.sleep(POLL)

    async def poll(self) -> int | str | None:
        """None while the server runs or Swarm brings it back; 0 or how it ended. Then its service goes."""
        had = self.object_id, self.object_name
        if await self.get_object() is None:
            if self.ended is None and had[0] and had[1] == self.object_name:
                await self.note_end(ends.GONE)
            return self.how_ended
        found = await self._tasks()
        state = tasks.state(found)
        match state.kind:
            case "stopped" | "failed":
                reason = await self._look_at_end(found)
                try:
                    await self.remove_object()
                except (APIError, RequestException) as error:
                    # It is no server any more in any case, and the next start removes it.
                    self.log.warning("Could not remove the service of %s: %s", self._log_name, error)
                return reason.detail if reason.sentence else 0
            case "starting" if state.reason and self.servers.pinned:
                # Its node is gone: no other may have it, so its user is told instead of waiting.
                return state.reason
        return None

    async def get_object(self) -> dict[str, Any] | None:
        service = await super().get_object()
        if service:
            template = service["Spec"]["TaskTemplate"]
            self.image_of_object = template["ContainerSpec"].get("Image")
            limits = template.get("Resources", {}).get("Limits", {})
            self._limits = limits.get("MemoryBytes", 0), limits.get("Pids", 0)
        return service

    async def stop(self, now: bool = False) -> None:
        await self.note_end(Reason("", "stopped by the hub"), await self._last_lines_of_log())
        await super().stop(now)

    async def _look_at_end(self, found: list[tasks.Task]) -> Reason:
        """What is known of a server that ended only as long as its service is there."""
        log = await self._last_lines_of_log()
        reason = ended.reason(found, log, self.circumstances, *self._limits)
        await self.note_end(reason, log)
        return reason

    async def _last_lines_of_log(self) -> Sequence[str]:
        return await asyncio.to_thread(ended.last_lines, self.client, self.object_id)

    async def _tasks(self) -> list[tasks.Task]:
        found: list[tasks.Task] = await self.docker("tasks", filters={"service": self.service_name})
        return found

    async def take_over(self, running: Running) -> None:
        await super().take_over(running)
        if self.servers.pinned and running.node:
            home = nodes.find(nodes.parse(await self.docker("nodes")), running.node)
            self.home_node = {"id": home.id, "name": home.name} if home else {}

    async def running_servers(self, known: Collection[str]) -> list[Running]:
        found = await self.docker("tasks", filters={"label": self._labels_of_servers()})
        services: dict[str, list[tasks.Task]] = {}
        for task in found:
            if tasks.is_wanted(task) and task["ServiceID"] not in known:
                services.setdefault(task["ServiceID"], []).append(task)
        running = []
        for identifier, of_it in services.items():
            with suppress(NotFound):
                running.append(of_service(await self.docker("inspect_service", identifier), of_it))
        return running

    async def end_server(self, running: Running) -> None:
        with suppress(NotFound):
            await self.docker("remove_service", running.id)

    def _labels_of_servers(self) -> list[str]:
        return [f"{STACK}={self.server_labels[STACK]}", f"{ROLE}=user"]

    async def remove_object(self) -> None:
        """Removes the service and waits for its container to end; one that is gone is as it should be."""
        self.log.info("Removing service %s", self.service_name)
        service = self.object_id
        try:
            await self.docker("remove_service", self.object_id or self.service_name)
        except APIError as error:
            if error.status_code != HTTPStatus.NOT_FOUND:
                raise
        await self._ended(service)

    async def _ended(self, service: str) -> None:
        """Waits until no container of a service that was removed has its name.

        That of the next one is the same: who asked for it would find the old server while that ends.
        """
        labels = [f"{key}={value}" for key, value in self._render_templates(self.server_labels).items()]
        for _ in range(round(END / POLL)):
            found = await self.docker("tasks", filters={"label": labels})
            if not any(task["ServiceID"] == service and tasks.occupies(task) for task in found):
                return
            await asyncio.sleep(POLL)
        self.log.warning("Containers of service %s are still running after %i s", self.service_name, END)
