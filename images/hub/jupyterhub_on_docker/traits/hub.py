"""The hub itself: addresses, keys, and what makes a restart of it harmless."""

from traitlets.config import Config

from ..config import Settings
from ..paths import HUB_PORT
from ..secrets import Secrets


def update_hub(c: Config, settings: Settings, secrets: Secrets) -> None:
    hub = settings.hub
    connect_url = f"http://{hub.connect_host}:{HUB_PORT}"
    # As traitlets calls it: it refuses the word of the settings, and JupyterHub would not start.
    c.JupyterHub.log_level = "WARN" if hub.log_level == "WARNING" else hub.log_level
    c.JupyterHub.public_url = hub.public_url
    c.JupyterHub.base_url = hub.base_url
    if hub.subdomain_host is not None:
        c.JupyterHub.subdomain_host = hub.subdomain_host
        # A server can set cookies for the names above its own; none of them is taken for the hub's.
        c.JupyterHub.cookie_host_prefix_enabled = hub.subdomain_host.startswith("https://")
    if hub.public_url.startswith("https://"):
        # JupyterHub does so itself for the login, but not for `_xsrf`. Servers are given it, too.
        c.JupyterHub.tornado_settings = {"cookie_options": {"secure": True}}
    # With `hub_ip` the hub would listen on the address behind the name below, and not on the loopback.
    c.JupyterHub.hub_bind_url = f"http://0.0.0.0:{HUB_PORT}"
    c.JupyterHub.hub_connect_url = connect_url
    # The proxy has a route for the base URL only. What is outside of it the hub redirects into it. With names
    # for people the hub's route is for all paths, and JupyterHub takes no other without a name.
    is_needed = hub.base_url != "/" and hub.subdomain_host is None
    c.Proxy.extra_routes = {"/": connect_url} if is_needed else {}
    c.JupyterHub.authenticate_prometheus = hub.metrics == "token"
    # Servers outlive the hub: the next one finds them in the database and goes on.
    c.JupyterHub.cleanup_servers = False
    c.JupyterHub.cookie_secret = secrets.key("cookie_secret")
    c.CryptKeeper.keys = [secrets.key("crypt_key")]
