"""Routes in Redis that reach Traefik by another way than its own provider of Redis: see .routes."""

from jupyterhub_traefik_proxy.redis import TraefikRedisProxy


class ServedRedisProxy(TraefikRedisProxy):
    """Looks for its routes in Traefik's API under the provider that Traefik has them from."""

    provider_name = "http"
