"""The reverse proxy: Traefik, which runs by itself and is given the routes that the hub notes."""

from typing import assert_never

from traitlets.config import Config

from ..config import Settings, TraefikFile, TraefikRedis
from ..config.proxy import Traefik
from ..secrets import Secrets


def update_proxy(c: Config, settings: Settings, secrets: Secrets) -> None:
    # Traefik's API is there before any route: Traefik has it from the stack, and from the hub only routes.
    c.TraefikProxy.enable_setup_dynamic_config = False
    match settings.proxy:
        case TraefikFile() as proxy:
            _traefik_file(c, proxy, secrets)
        case TraefikRedis() as proxy:
            _traefik_redis(c, proxy, secrets)
        case other:
            assert_never(other)


def _traefik_file(c: Config, proxy: TraefikFile, secrets: Secrets) -> None:
    c.JupyterHub.proxy_class = "jupyterhub_on_docker.routes.file_proxy.ServedFileProxy"
    _api(c.TraefikFileProviderProxy, proxy, secrets)
    c.TraefikFileProviderProxy.dynamic_config_file = proxy.routes_file


def _traefik_redis(c: Config, proxy: TraefikRedis, secrets: Secrets) -> None:
    c.JupyterHub.proxy_class = "jupyterhub_on_docker.routes.redis_proxy.ServedRedisProxy"
    _api(c.TraefikRedisProxy, proxy, secrets)
    c.TraefikRedisProxy.redis_url = proxy.redis_url
    c.TraefikRedisProxy.redis_password = secrets.text("redis_password")


def _api(traits: Config, proxy: Traefik, secrets: Secrets) -> None:
    """How the hub asks Traefik whether it has a route."""
    traits.should_start = False
    traits.traefik_api_url = proxy.api_url
    traits.traefik_api_username = proxy.api_user
    traits.traefik_api_password = secrets.text("proxy_api_password")
    traits.traefik_entrypoint = proxy.entry_point
