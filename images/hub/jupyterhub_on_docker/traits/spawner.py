"""Notebook servers: how they are made, with what limits and what privileges."""

from collections.abc import Callable

from traitlets.config import Config

from ..config import Settings
from ..labels import ROLE, USER
from ..secrets import Secrets
from ..servers.profiles import ServerProfiles, device_requests
from .lockdown import name_servers
from .servers import activity_environment

LOG = {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "2"}}
"""A server's log goes with its container, and does not fill the disk before that."""


def update_spawner(c: Config, settings: Settings, secrets: Secrets) -> None:
    STRATEGIES[settings.spawner.kind](c, settings, secrets)


def _docker(c: Config, settings: Settings, _secrets: Secrets) -> None:
    servers = settings.spawner
    limits = servers.limits
    c.JupyterHub.spawner_class = "jupyterhub_on_docker.spawner.OwnedHomeDockerSpawner"

    c.Spawner.default_url = servers.start_page
    c.Spawner.environment = {**activity_environment(settings), **servers.environment}
    if servers.command is not None:
        c.Spawner.cmd = list(servers.command)
    c.Spawner.mem_limit = limits.memory
    c.Spawner.cpu_limit = limits.cpus

    profiles = ServerProfiles(servers, c.Spawner.environment)
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
    c.DockerSpawner.volumes = {servers.home.volume: servers.home.mount_path}
    c.DockerSpawner.extra_create_kwargs = {
        "user": f"{servers.uid}:{servers.gid}",
        "labels": {**servers.labels, ROLE: "user", USER: "{raw_username}"},
    }
    c.DockerSpawner.extra_host_config = {
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "pids_limit": limits.processes,
        "init": True,
        "memswap_limit": limits.memory + limits.swap,
        "log_config": LOG,
        **device_requests(servers.gpus),
        **name_servers(settings),
    }
    c.OwnedHomeDockerSpawner.current_images = profiles.images

    c.OwnedHomeDockerSpawner.home_volume = servers.home.volume
    c.OwnedHomeDockerSpawner.home_path = servers.home.mount_path
    c.OwnedHomeDockerSpawner.home_uid = servers.uid
    c.OwnedHomeDockerSpawner.home_gid = servers.gid
    c.OwnedHomeDockerSpawner.home_labels = {**servers.labels, ROLE: "home", USER: "{raw_username}"}


STRATEGIES: dict[str, Callable[[Config, Settings, Secrets], None]] = {"docker": _docker}
