"""Notebook servers: how they are made, with what limits and what privileges."""

from collections.abc import Mapping
from typing import assert_never

from traitlets.config import Config

from ..config import DockerServers, Settings, SwarmServers
from ..labels import ROLE, USER
from ..paths import NOTEBOOK_PORT
from ..secrets import Secrets
from ..servers.environment import secret_values
from ..servers.profiles import ServerProfiles, device_requests
from ..servers.resolver import SystemResolver
from .lockdown import name_servers
from .servers import server_environment

LEAST_HTTP_TIMEOUT = 120
"""Seconds."""


def update_spawner(c: Config, settings: Settings, secrets: Secrets) -> None:
    values = secret_values(settings, secrets)
    profiles = _common(c, settings)
    match settings.spawner:
        case DockerServers() as servers:
            _docker(c, settings, servers, profiles)
            c.OwnedHomeDockerSpawner.secret_values = values
        case SwarmServers() as servers:
            _swarm(c, settings, servers)
            c.ServiceSpawner.secret_values = values
        case other:
            assert_never(other)


def _common(c: Config, settings: Settings) -> ServerProfiles:
    servers = settings.spawner
    c.Spawner.default_url = servers.start_page
    c.Spawner.environment = server_environment(settings)
    c.Spawner.notebook_dir = settings.storage.mount_path
    if servers.command is not None:
        c.Spawner.cmd = list(servers.command)

    profiles = ServerProfiles(servers, c.Spawner.environment, settings.groups)
    c.Spawner.options_form = profiles.form
    c.Spawner.options_from_form = profiles.from_form
    c.Spawner.apply_user_options = profiles.apply

    c.DockerSpawner.client_kwargs = {"base_url": settings.docker.host}
    c.DockerSpawner.image = servers.image
    c.DockerSpawner.prefix = f"{servers.prefix}-user"
    c.DockerSpawner.network_name = servers.network
    c.DockerSpawner.use_internal_ip = True
    return profiles


def _docker(c: Config, settings: Settings, servers: DockerServers, profiles: ServerProfiles) -> None:
    storage = settings.storage
    c.JupyterHub.spawner_class = "jupyterhub_on_docker.spawners.docker.OwnedHomeDockerSpawner"
    # A pull would hold up the spawns of everybody: images are there before the hub offers them.
    c.DockerSpawner.pull_policy = "never"
    # A container that is kept would come back with the image, limits and environment of its first start.
    c.DockerSpawner.remove = True
    c.DockerSpawner.port = NOTEBOOK_PORT
    c.DockerSpawner.extra_create_kwargs = {
        "user": f"{storage.uid}:{storage.gid}",
        "labels": {**servers.labels, ROLE: "user", USER: "{raw_username}"},
    }
    c.DockerSpawner.extra_host_config = {
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "init": True,
        # The hub removes it, once it has looked why the server ended.
        "auto_remove": False,
        "log_config": {"Type": servers.log.driver, "Config": _plain(servers.log.options)},
        **device_requests(servers.gpus),
        **name_servers(settings),
    }
    c.OwnedHomeDockerSpawner.current_images = profiles.images

    c.OwnedHomeDockerSpawner.settings = settings
    c.OwnedHomeDockerSpawner.volume_labels = dict(servers.labels)
    c.OwnedHomeDockerSpawner.folders_prefix = f"{servers.prefix}-folders-"


def _plain(options: Mapping[str, str]) -> dict[str, str]:
    """Options that stay as they are: DockerSpawner fills in templates, and tags of logs have braces, too."""
    return {name: value.replace("{", "{{").replace("}", "}}") for name, value in options.items()}


def _swarm(c: Config, settings: Settings, servers: SwarmServers) -> None:
    c.JupyterHubHTTPClient.connector_options = {"resolver": SystemResolver(), "use_dns_cache": False}
    c.JupyterHub.spawner_class = "jupyterhub_on_docker.spawners.swarm.spawner.ServiceSpawner"
    # The nodes get it from the pre-puller, or at worst by themselves.
    c.DockerSpawner.pull_policy = "skip"

    # A hub that starts looks at each server for that long, and shuts down what it does not reach. After a
    # manager's restart names of servers on other nodes were answered after 26 s on a cluster of three.
    c.ServiceSpawner.http_timeout = max(settings.servers.http_timeout, LEAST_HTTP_TIMEOUT)

    c.ServiceSpawner.settings = settings
    c.ServiceSpawner.server_labels = {**servers.labels, ROLE: "user", USER: "{raw_username}"}
