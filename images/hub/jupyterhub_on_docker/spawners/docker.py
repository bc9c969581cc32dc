"""DockerSpawner whose servers have the limits and folders that the settings give to their people."""

import asyncio
from collections.abc import Sequence
from typing import Any, ClassVar

from docker.errors import APIError
from dockerspawner import DockerSpawner
from tornado import web
from traitlets import Dict, List, Unicode

from ..egress.environment import EgressEnvironment
from ..labels import ROLE, USER
from ..servers import limits, listening, old_images
from ..servers.folders import Mount, NewVolume, mounts_of
from ..servers.owners import NotAFolder, Owners
from ..servers.person import PersonalServer


class OwnedHomeDockerSpawner(EgressEnvironment, PersonalServer, DockerSpawner):
    """Makes a person's volumes with labels, and gives every folder to the server's user before its use."""

    volume_labels = Dict(config=True, help="Labels of new volumes, in addition to those for role and owner.")
    folders_prefix = Unicode(
        config=True, help="Name prefix of the containers that set the owners of folders."
    )

    current_images = List(Unicode(), config=True, help="Ids of the images that servers are started from.")

    # A trait of DockerSpawner's, for the type checker.
    extra_host_config: dict[str, Any]

    _image_of_object: str | None = None
    """Id of the image of the container that there is, as the engine told last."""

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
            raise web.HTTPError(500, f"Your server ended before it answered ({ended}).")
        return address, port

    async def create_object(self) -> dict[str, Any]:
        person = self.person
        resolved = self.resolve_limits(person)
        self.mem_limit = resolved.memory
        self.cpu_limit = resolved.cpus
        self.extra_host_config = {**self.extra_host_config, **limits.host_config(resolved)}
        mounts = mounts_of(self.settings.storage, self.settings.groups, person)
        self._mounts = mounts
        for mount in mounts:
            if mount.volume:
                await self._create_volume(mount.volume)
        container: dict[str, Any] = await super().create_object()
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

    async def remove_object(self) -> None:
        await super().remove_object()
        image, self._image_of_object = self._image_of_object, None
        if image and image not in self.current_images:
            self.log.info("Image %s is no longer offered: it will be removed once no server uses it", image)
            old_images.remove_later(self, image)

    async def get_object(self) -> dict[str, Any] | None:
        """As in DockerSpawner, but an engine in trouble does not mean that the server is gone."""
        try:
            container: dict[str, Any] = await self.docker("inspect_container", self.object_name)
        except APIError as error:
            if error.status_code != 404:
                raise
            self.log.info("Container '%s' is gone", self.object_name)
            self.object_id = ""
            return None
        self.object_id = container[self.object_id_key]
        # Not asked for when the server is removed: an engine that has trouble then would let the image stay.
        self._image_of_object = container["Image"]
        return container
