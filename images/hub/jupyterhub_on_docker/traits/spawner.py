"""Notebook servers: how they are made, with what limits and what privileges."""

from collections.abc import Callable

from traitlets.config import Config

from ..config import Settings
from ..labels import ROLE, USER
from ..paths import NOTEBOOK_PORT
from ..secrets import Secrets
from ..servers.profiles import ServerProfiles, device_requests
from .lockdown import name_servers
from .servers import server_environment
from .swarm import swarm_servers

LOG = {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "2"}}
"""A server's log goes with its container, and does not fill the disk before that."""


def update_spawner(c: Config, settings: Settings, secrets: Secrets) -> None:
    STRATEGIES[settings.spawner.kind](c, settings, secrets)


def _docker(c: Config, settings: Settings, _secrets: Secrets) -> None:
    servers = settings.spawner
    storage = settings.storage
    c.JupyterHub.spawner_class = "jupyterhub_on_docker.spawners.docker.OwnedHomeDockerSpawner"

    c.Spawner.default_url = servers.start_page
    c.Spawner.environment = server_environment(settings)
    c.Spawner.notebook_dir = storage.mount_path
    if servers.command is not None:
        c.Spawner.cmd = list(servers.command)

    profiles = ServerProfiles(servers, c.Spawner.environment, settings.groups)
    c.Spawner.options_form = profiles.form
    c.Spawner.options_from_form = profiles.from_form
    c.Spawner.apply_user_options = profiles.apply

    c.DockerSpawner.client_kwargs = {"base_url": settings.docker.host}
    c.DockerSpawner.image = servers.image
    # A pull would hold up the spawns of everybody: images are there before the hub offers them.
    c.DockerSpawner.pull_policy = "never"
    # A container that is kept would come back with the image, limits and environment of its first start.
    c.DockerSpawner.remove = True
    c.DockerSpawner.prefix = f"{servers.name_prefix}-user"
    c.DockerSpawner.network_name = servers.network
    c.DockerSpawner.use_internal_ip = True
    c.DockerSpawner.port = NOTEBOOK_PORT
    c.DockerSpawner.extra_create_kwargs = {
        "user": f"{storage.uid}:{storage.gid}",
        "labels": {**servers.labels, ROLE: "user", USER: "{raw_username}"},
    }
    c.DockerSpawner.extra_host_config = {
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "init": True,
        "log_config": LOG,
        **device_requests(servers.gpus),
        **name_servers(settings),
    }
    c.OwnedHomeDockerSpawner.current_images = profiles.images

    c.OwnedHomeDockerSpawner.settings = settings
    c.OwnedHomeDockerSpawner.volume_labels = dict(servers.labels)
    c.OwnedHomeDockerSpawner.folders_prefix = f"{servers.name_prefix}-folders-"


STRATEGIES: dict[str, Callable[[Config, Settings, Secrets], None]] = {
    "docker": _docker,
    "swarm": swarm_servers,
}
