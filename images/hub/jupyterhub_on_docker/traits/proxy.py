"""The reverse proxy: Traefik, which runs by itself and is given the routes that the hub notes."""

from collections.abc import Callable

from traitlets.config import Config

from ..config import Settings, TraefikFile, TraefikRedis
from ..secrets import Secrets
from .swarm import traefik_redis


def update_proxy(c: Config, settings: Settings, secrets: Secrets) -> None:
    # Traefik's API is there before any route: Traefik has it from the stack, and from the hub only routes.
    c.TraefikProxy.enable_setup_dynamic_config = False
    STRATEGIES[settings.proxy.kind](c, settings.proxy, secrets)


def _traefik_file(c: Config, proxy: TraefikFile, secrets: Secrets) -> None:
    c.JupyterHub.proxy_class = "jupyterhub_on_docker.routes.file_proxy.ServedFileProxy"
    traits = c.TraefikFileProviderProxy
    traits.should_start = False
    traits.traefik_api_url = proxy.api_url
    traits.traefik_api_username = proxy.api_user
    traits.traefik_api_password = secrets.text("proxy_api_password")
    traits.traefik_entrypoint = proxy.entry_point
    traits.dynamic_config_file = proxy.routes_file


def _traefik_redis(c: Config, proxy: TraefikRedis, secrets: Secrets) -> None:
    traefik_redis(c, proxy, secrets)


STRATEGIES: dict[str, Callable[[Config, TraefikFile | TraefikRedis, Secrets], None]] = {
    "traefik-file": _traefik_file,
    "traefik-redis": _traefik_redis,
}
