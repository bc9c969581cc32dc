"""What closes notebook servers in: the name servers that they ask, and the proxy that is their way out."""

from traitlets.config import Config

from ..config import Settings
from ..secrets import Secrets

DNS_OPTIONS = ["timeout:1", "attempts:1"]
"""A name that cannot be looked up is known to be unknown after two seconds, not after twenty."""


def name_servers(settings: Settings) -> dict[str, list[str]]:
    """Part of the servers' host configuration."""
    if settings.lockdown is None:
        return {}
    return {"dns": list(settings.lockdown.dns), "dns_opt": list(DNS_OPTIONS)}


def update_lockdown(c: Config, settings: Settings, secrets: Secrets) -> None:
    if settings.lockdown is None or settings.lockdown.egress is None:
        return
    egress = settings.lockdown.egress
    c.OwnedHomeDockerSpawner.egress_host = egress.host
    c.OwnedHomeDockerSpawner.egress_port = egress.port
    c.OwnedHomeDockerSpawner.egress_key = secrets.key("egress_key")
    c.OwnedHomeDockerSpawner.egress_direct = [settings.hub.connect_host]
