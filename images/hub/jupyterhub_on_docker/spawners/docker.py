"""DockerSpawner whose servers have the limits and folders that the settings give to their people."""

import asyncio
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any, ClassVar

from docker.errors import APIError, NotFound
from dockerspawner import DockerSpawner
from requests import RequestException
from tornado import web
from traitlets import Dict, List, Unicode

from ..egress.environment import EgressEnvironment
from ..labels import ROLE, STACK, USER
from ..servers import ends, limits, listening, old_images
from ..servers.folders import Mount, NewVolume
from ..servers.owners import NotAFolder, Owners
from ..servers.person import PersonalServer
from ..servers.running import Running, of_container
from ..servers.spawn_error import SpawnError
from ..servers.texts import line
from .calls import ConcurrentCalls

WAY = 30.0
"""Seconds for an earlier container of the same name to go."""

AGAIN = 0.3
"""Seconds between two looks whether it has."""


class OwnedHomeDockerSpawner(ConcurrentCalls, EgressEnvironment, PersonalServer, DockerSpawner):
    """Makes a person's volumes with labels, and gives every folder to the server's user before its use."""

    volume_labels = Dict(config=True, help="Labels of new volumes, in addition to those for role and owner.")
    folders_prefix = Unicode(
        config=True, help="Name prefix of the containers that set the owners of folders."
    )

    current_images = List(Unicode(), config=True, help="Ids of the images that servers are started from.")

    # A trait of DockerSpawner's, for the type checker.
    extra_host_config: dict[str, Any]

    _runs = False
    """Whether the container ran when the engine told last."""

    _mounts: Sequence[Mount] = ()
    """What is mounted in the server that is being made."""

    # One for all servers, as it is what the hub knows of the Docker host.
    owners: ClassVar[dict[tuple[int, int], Owners]] = {}

    def get_env(self) -> dict[str, str]:
        # Over what the image or the settings say: another proxy could not be reached.
        groups = {group.name for group in self.user.groups} | set(self.person.groups)
        return {**super().get_env(), **self.egress_environment(groups)}

    async def start(self) -> tuple[str, int]:
        address, port = await super().start()
        ended = await listening.wait(address, port, self.poll)
        if ended is not None:
            # The hub alone would wait for `servers.httpTimeout`, and say that the server is slow.
            reason = ends.never_answered(self.ended or ends.GONE)
            raise SpawnError(reason.sentence, reason.detail)
        return address, port

    async def poll(self) -> int | str | None:
        """None while the server runs, otherwise how it ended. Then its container goes."""
        had = self.object_id, self.object_name
        container = await self.get_object()
        if container is None:
            if self.ended is None and had[0] and had[1] == self.object_name:
                await self.note_end(ends.GONE)
            return self.how_ended
        if container["State"]["Running"]:
            return None
        if container["State"]["Status"] == "created" and self._start_pending:
            return "not started yet"
        try:
            await self.remove_object()
        except (APIError, RequestException) as error:
            # It is no server any more in any case, and the next start removes it.
            self.log.warning("Could not remove the container of %s: %s", self._log_name, error)
        return self.how_ended

    async def create_object(self) -> dict[str, Any]:
        self.forget_end()
        person = self.person
        resolved = self.resolve_limits(person)
        self.mem_limit = resolved.memory
        self.cpu_limit = resolved.cpus
        self.extra_host_config = {**self.extra_host_config, **limits.host_config(resolved)}
        mounts = self.wanted_mounts()
        self._mounts = mounts
        for mount in mounts:
            if mount.volume:
                await self._create_volume(mount.volume)
        container = await self._create_container()
        self.object_id = container[self.object_id_key]
        try:
            await self._give_folders(mounts)
        except NotAFolder as problem:
            await self.remove_object()
            raise web.HTTPError(409, str(problem)) from None
        except Exception:
            await self.remove_object()
            raise
        return container

    async def _create_container(self) -> dict[str, Any]:
        """Makes the container once nothing is in its way: the last one may be on its way out."""
        end = time.monotonic() + WAY
        while True:
            try:
                container: dict[str, Any] = await super().create_object()
            except APIError as error:
                if error.status_code != HTTPStatus.CONFLICT:
                    raise
            else:
                return container
            if time.monotonic() > end:
                raise SpawnError("Your previous server has not stopped yet. Try again in a minute.")
            if await self.get_object():
                await self.remove_object()
            await asyncio.sleep(AGAIN)

    @property
    def volume_binds(self) -> dict[str, Any]:
        """DockerSpawner's own, and the person's mounts by their sources, which are no templates."""
        templates: dict[str, Any] = super().volume_binds
        return templates | {
            mount.source: {"bind": mount.target, "mode": "ro" if mount.read_only else "rw"}
            for mount in self._mounts
        }

    async def held_folders(self) -> dict[str, bool]:
        container = await self.get_object()
        mounts = container["Mounts"] if container else []
        return {mount.get("Name") or mount["Source"]: mount.get("RW", True) for mount in mounts}

    async def _create_volume(self, volume: NewVolume) -> None:
        labels = {**self.volume_labels, ROLE: volume.role}
        if volume.personal:
            labels[USER] = self.user.name
        # Does nothing where the volume exists.
        await self.docker(
            "create_volume",
            volume.name,
            driver=volume.driver,
            driver_opts=dict(volume.options),
            labels=labels,
        )

    async def _give_folders(self, mounts: list[Mount]) -> None:
        storage = self.settings.storage
        owner = storage.uid, storage.gid
        owners = self.owners.setdefault(owner, Owners(*owner))
        container = self._folders_container()
        call = self.executor.submit(owners.ensure, self.client, self.object_id, mounts, container)
        if await asyncio.wrap_future(call):
            self.log.info("Folders of %s belong to %i:%i", self.user.name, *owner)

    def _folders_container(self) -> dict[str, Any]:
        """A container like a server's that is never started."""
        host_config = {
            **{key: value for key, value in self.extra_host_config.items() if key != "log_config"},
            "mem_limit": self.mem_limit,
            "cpu_period": 100_000,
            "cpu_quota": int(self.cpu_limit * 100_000),
            "network_mode": self.network_name,
        }
        return {
            "name": f"{self.folders_prefix}{self.object_name.removeprefix(f'{self.prefix}-')}",
            "image": self.image,
            "user": self.extra_create_kwargs["user"],
            "labels": {**self.volume_labels, ROLE: "folders", USER: self.user.name},
            "host_config": self.client.create_host_config(**host_config),
        }

    async def stop_object(self) -> None:
        self._stopping = True
        await super().stop_object()
        self._runs = False

    async def remove_object(self) -> None:
        if self._runs:
            # The hub did not know of it: the engine removes none that runs.
            await self.stop_object()
        await self._look_at_end()
        await super().remove_object()
        image, self.image_of_object = self.image_of_object, None
        if image and image not in self.current_images:
            self.log.info("Image %s is no longer offered: it will be removed once no server uses it", image)
            old_images.remove_later(self, image)

    async def _look_at_end(self) -> None:
        """What is known of a server that ended only as long as its container is there."""
        try:
            container = await self.docker("inspect_container", self.object_id)
        except (APIError, RequestException):
            return
        if container["State"]["Status"] == "created":
            return
        log = await self._last_lines_of_log()
        if self._stopping:
            reason = ends.stopped(container)
        else:
            reason = ends.of_container(container, log, self.circumstances)
        await self.note_end(reason, log)

    async def _last_lines_of_log(self) -> Sequence[str]:
        try:
            log = await self.docker("logs", self.object_id, stdout=True, stderr=True, tail=ends.LINES)
        except (APIError, RequestException) as error:
            return [f"The log could not be read: {line(str(error))}"]
        return ends.last_lines(log)

    async def get_object(self) -> dict[str, Any] | None:
        container = await super().get_object()
        # Not asked for when the server is removed: an engine that has trouble then would let the image stay.
        if container:
            self.image_of_object = container["Image"]
        self._runs = container is not None and container["State"]["Running"]
        return container

    async def running_servers(self, known: Collection[str]) -> list[Running]:
        labels = [f"{STACK}={self.volume_labels[STACK]}", f"{ROLE}=user"]
        listed = await self.docker("containers", filters={"label": labels})
        found = []
        for container in listed:
            if container["Id"] in known:
                continue
            with suppress(NotFound):
                found.append(of_container(await self.docker("inspect_container", container["Id"])))
        return found

    async def end_server(self, running: Running) -> None:
        # One that does not end in time is killed by the engine.
        with suppress(NotFound):
            await self.docker("stop", running.id)
            await self.docker("remove_container", running.id, v=True)
