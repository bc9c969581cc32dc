"""Notebook servers in a Swarm, and the routes of its reverse proxies."""

from traitlets.config import Config

from ..config import Settings, TraefikRedis
from ..labels import ROLE, USER
from ..secrets import Secrets
from ..servers.profiles import ServerProfiles
from ..servers.resolver import SystemResolver
from .servers import server_environment

LEAST_HTTP_TIMEOUT = 120
"""Seconds."""


def swarm_servers(c: Config, settings: Settings, _secrets: Secrets) -> None:
    servers = settings.spawner
    c.JupyterHubHTTPClient.connector_options = {"resolver": SystemResolver(), "use_dns_cache": False}
    c.JupyterHub.spawner_class = "jupyterhub_on_docker.spawners.swarm.spawner.ServiceSpawner"

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
    # The nodes get it from the pre-puller, or at worst by themselves.
    c.DockerSpawner.pull_policy = "skip"
    c.DockerSpawner.prefix = f"{servers.name_prefix}-user"
    c.DockerSpawner.network_name = servers.network
    c.DockerSpawner.use_internal_ip = True

    # A hub that starts looks at each server for that long, and shuts down what it does not reach. After a
    # manager's restart names of servers on other nodes were answered after 26 s on a cluster of three.
    c.ServiceSpawner.http_timeout = max(settings.servers.http_timeout, LEAST_HTTP_TIMEOUT)

    c.ServiceSpawner.settings = settings
    c.ServiceSpawner.server_labels = {**servers.labels, ROLE: "user", USER: "{raw_username}"}


def traefik_redis(c: Config, proxy: TraefikRedis, secrets: Secrets) -> None:
    c.JupyterHub.proxy_class = "jupyterhub_on_docker.routes.redis_proxy.ServedRedisProxy"
    traits = c.TraefikRedisProxy
    traits.should_start = False
    traits.traefik_api_url = proxy.api_url
    traits.traefik_api_username = proxy.api_user
    traits.traefik_api_password = secrets.text("proxy_api_password")
    traits.traefik_entrypoint = proxy.entry_point
    traits.redis_url = proxy.redis_url
    traits.redis_password = secrets.text("redis_password")
