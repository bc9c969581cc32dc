"""Environment variables of the hub, from its settings: set before what reads them is imported."""

from urllib.parse import urlsplit

from .config import Postgres, Settings, TraefikRedis
from .secrets import Secrets

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
"""An HTTP proxy for addresses of a kind. Programs read them in capitals, small letters or both."""

HERE = ("localhost", "127.0.0.1", "::1")


def variables(settings: Settings, secrets: Secrets) -> dict[str, str]:
    """All variables; with a proxy, what is of the stack is reached without it."""
    hub = settings.hub
    hidden = {name: secrets.text(secret) for name, secret in hub.secret_environment.items()}
    return with_direct({**hub.environment, **hidden}, internal(settings))


def internal(settings: Settings) -> list[str]:
    """Hosts of the stack that the hub reaches by a name. JupyterHub asks no proxy for people's servers."""
    addresses = [settings.docker.host, settings.proxy.api_url]
    if isinstance(settings.proxy, TraefikRedis):
        addresses.append(settings.proxy.redis_url)
    hosts = [settings.hub.connect_host, *(urlsplit(address).hostname or "" for address in addresses)]
    if isinstance(settings.database, Postgres):
        hosts.append(settings.database.host)
    return sorted({host for host in hosts if host})


def with_direct(given: dict[str, str], hosts: list[str]) -> dict[str, str]:
    """Variables of proxies in capitals and small letters, with `hosts` among those that none is asked for."""
    found = dict(given)
    for name in (*PROXIES, "NO_PROXY"):
        value = given.get(name, given.get(name.lower()))
        if value is not None:
            found[name] = found[name.lower()] = value
    if not any(name in found for name in PROXIES):
        return given
    direct = [host.strip() for host in found.get("NO_PROXY", "").split(",") if host.strip()]
    found["NO_PROXY"] = found["no_proxy"] = ",".join(dict.fromkeys([*direct, *HERE, *hosts]))
    return found
