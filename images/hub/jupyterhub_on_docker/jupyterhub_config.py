"""JupyterHub's configuration file: applies the settings file and the secrets. It never changes."""

import sys

from jupyterhub_on_docker import paths, traits
from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.errors import SettingsError, read_settings
from jupyterhub_on_docker.secrets import Secrets

try:
    traits.apply(get_config(), read_settings(paths.SETTINGS, Settings), Secrets(paths.SECRETS))  # noqa: F821
except SettingsError as error:
    sys.exit(str(error))
