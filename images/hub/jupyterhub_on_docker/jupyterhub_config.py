"""JupyterHub's configuration file: applies settings, secrets and extra configuration. It never changes."""

import sys
from typing import TYPE_CHECKING

from jupyterhub_on_docker import extra_config, paths, settings_file, traits
from jupyterhub_on_docker.errors import SettingsError
from jupyterhub_on_docker.health import readiness
from jupyterhub_on_docker.logins import protection
from jupyterhub_on_docker.names import in_settings
from jupyterhub_on_docker.secrets import Secrets
from jupyterhub_on_docker.web import visitors

if TYPE_CHECKING:
    # JupyterHub puts it among the names of this file.
    from traitlets.config import get_config

c = get_config()
try:
    combined, _ = settings_file.at_start()
    settings = in_settings.with_hub_names(combined.settings)
    c.JupyterHub.people_taken = combined.digest
    secrets = Secrets(paths.SECRETS)
    traits.apply(c, settings, secrets)
    extra_config.run(c, settings, secrets)
    # The last: the extra configuration may have an authenticator of its own.
    protection.protect(c, settings)
    visitors.watch(settings)
    readiness.watch(settings, secrets)
except SettingsError as error:
    sys.exit(str(error))
