"""The reverse proxy: Traefik, which runs by itself and reads the routes that the hub writes."""

import hashlib
from base64 import b64encode
from collections.abc import Callable
from urllib.parse import urlsplit

from traitlets.config import Config

from ..config import Settings, TraefikFile, TraefikRedis
from ..secrets import Secrets
from .swarm import traefik_redis

API_ENTRY_POINT = "api"
"""Traefik's entry point for its API: on the control network only."""


def update_proxy(c: Config, settings: Settings, secrets: Secrets) -> None:
    STRATEGIES[settings.proxy.kind](c, settings.proxy, secrets)


def _traefik_file(c: Config, proxy: TraefikFile, secrets: Secrets) -> None:
    password = secrets.text("proxy_api_password")
    c.JupyterHub.proxy_class = "jupyterhub_traefik_proxy.fileprovider.TraefikFileProviderProxy"
    traits = c.TraefikFileProviderProxy
    traits.should_start = False
    traits.traefik_api_url = proxy.api_url
    traits.traefik_api_username = proxy.api_user
    traits.traefik_api_password = password
    traits.traefik_entrypoint = proxy.entry_point
    traits.traefik_api_entrypoint = API_ENTRY_POINT
    traits.dynamic_config_file = proxy.dynamic_file
    # What is in the file from an earlier run wins over the proxy class's own settings, so a new password
    # would not get in. What is given as extra configuration wins over both.
    traits.extra_dynamic_config = {
        "http": {
            "routers": {
                "route_api": {
                    "rule": f"Host(`{urlsplit(proxy.api_url).hostname}`) && PathPrefix(`/api`)",
                    "entryPoints": [API_ENTRY_POINT],
                    "service": "api@internal",
                    "middlewares": ["auth_api"],
                }
            },
            "middlewares": {"auth_api": {"basicAuth": {"users": [_htpasswd(proxy.api_user, password)]}}},
        }
    }


def _htpasswd(user: str, password: str) -> str:
    """A line of an htpasswd file.

    SHA-1 is enough for a long random password. bcrypt, the default, costs Traefik a quarter of a second of
    processor time at each call, several of which are made for each route, and has a new salt at each start.
    """
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).digest()
    return f"{user}:{{SHA}}{b64encode(digest).decode()}"


def _traefik_redis(c: Config, proxy: TraefikRedis, secrets: Secrets) -> None:
    traefik_redis(c, proxy, secrets, _htpasswd, API_ENTRY_POINT)


STRATEGIES: dict[str, Callable[[Config, TraefikFile | TraefikRedis, Secrets], None]] = {
    "traefik-file": _traefik_file,
    "traefik-redis": _traefik_redis,
}
