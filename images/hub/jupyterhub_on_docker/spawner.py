"""DockerSpawner with homes that belong to their users from the first start."""

import asyncio

from docker.errors import APIError
from dockerspawner import DockerSpawner
from traitlets import Dict, Int, List, Unicode

from .egress.environment import EgressEnvironment
from .home import ensure_owner
from .servers import old_images


class OwnedHomeDockerSpawner(EgressEnvironment, DockerSpawner):
    """Makes the volume for a home with labels, and gives it to the server's user before its first use."""

    home_volume = Unicode(config=True, help="Name of the volume with the home; a template as in `volumes`.")
    home_path = Unicode(config=True, help="Path in the server where the home is mounted.")
    home_uid = Int(1000, config=True, help="User that owns the home.")
    home_gid = Int(100, config=True, help="Group that owns the home.")
    current_images = List(Unicode(), config=True, help="Ids of the images that servers are started from.")
    home_labels = Dict(config=True, help="Labels of a new volume; values are templates as in `volumes`.")

    def get_env(self):
        # Over what the image or the settings say: another proxy could not be reached.
        return {**super().get_env(), **self.egress_environment()}

    async def create_object(self):
        volume = self._render_templates(self.home_volume)
        # Does nothing where the volume exists.
        await self.docker("create_volume", volume, labels=self._render_templates(self.home_labels))
        container = await super().create_object()
        self.object_id = container[self.object_id_key]
        try:
            await self._give_home(volume)
        except Exception:
            await self.remove_object()
            raise
        return container

    async def _give_home(self, volume):
        owner = self.home_uid, self.home_gid
        call = self.executor.submit(ensure_owner, self.client, self.object_id, self.home_path, *owner)
        if await asyncio.wrap_future(call):
            self.log.info("Gave %s in volume %s to %i:%i", self.home_path, volume, *owner)

    async def remove_object(self):
        image = await self._image_of_object()
        await super().remove_object()
        if image and image not in self.current_images:
            old_images.remove_later(self, image)

    async def _image_of_object(self):
        try:
            return (await self.docker("inspect_container", self.object_id))["Image"]
        except APIError:
            # Gone already, or an engine in trouble: the next `pulumi up` removes old images too.
            return None

    async def get_object(self):
        """As in DockerSpawner, but an engine in trouble does not mean that the server is gone."""
        try:
            container = await self.docker("inspect_container", self.object_name)
        except APIError as error:
            if error.status_code != 404:
                raise
            self.log.info("Container '%s' is gone", self.object_name)
            self.object_id = ""
            return None
        self.object_id = container[self.object_id_key]
        return container
