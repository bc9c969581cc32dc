"""Notebook servers that run: how many, for how long, and when they are stopped."""

from traitlets.config import Config

from ..config import Settings
from ..environment import with_direct
from ..secrets import Secrets

ACTIVITY_RESOLUTION = 30
"""Seconds, JupyterHub's default: what is newer by less is not written down."""

IMAGES_UID = 1000
"""The user that images for notebooks have."""


def update_servers(c: Config, settings: Settings, _secrets: Secrets) -> None:
    servers = settings.servers
    c.JupyterHub.shutdown_on_logout = servers.shutdown_on_logout
    c.JupyterHub.allow_named_servers = servers.named > 0
    c.JupyterHub.named_server_limit_per_user = servers.named
    c.JupyterHub.concurrent_spawn_limit = servers.concurrent_spawn_limit
    c.JupyterHub.active_server_limit = servers.active_server_limit
    c.JupyterHub.last_activity_interval = servers.last_activity_interval
    c.JupyterHub.activity_resolution = min(ACTIVITY_RESOLUTION, servers.activity_interval)
    c.Spawner.start_timeout = servers.start_timeout
    c.Spawner.http_timeout = servers.http_timeout
    c.Spawner.disable_user_config = servers.disable_user_config


def server_environment(settings: Settings) -> dict[str, str]:
    """Variables of every server."""
    given = with_direct(settings.spawner.environment, [settings.hub.connect_host])
    return {**activity_environment(settings), **_image_environment(settings), **given}


def activity_environment(settings: Settings) -> dict[str, str]:
    """Variables that tell a server how often to report its last activity. The proxy reports none."""
    return {"JUPYTERHUB_ACTIVITY_INTERVAL": str(settings.servers.activity_interval)}


def _image_environment(settings: Settings) -> dict[str, str]:
    """What the image does not know of the settings."""
    storage = settings.storage
    environment: dict[str, str] = {}
    if storage.uid != IMAGES_UID:
        # Images have no name and home for another user: programs would look for both in vain.
        environment |= {"HOME": storage.mount_path, "USER": "jovyan", "LOGNAME": "jovyan"}
    if storage.lab_settings:
        path = storage.lab_settings.mount_path
        environment |= {
            "JUPYTERLAB_SETTINGS_DIR": f"{path}/user-settings",
            "JUPYTERLAB_WORKSPACES_DIR": f"{path}/workspaces",
        }
    return environment
