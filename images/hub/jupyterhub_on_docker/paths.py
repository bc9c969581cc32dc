"""Where things are in the hub's and the filter's containers."""

from pathlib import Path

SETTINGS = Path("/etc/jupyterhub/config.json")
FILTER_SETTINGS = Path("/etc/jupyterhub/filter.json")
EGRESS_SETTINGS = Path("/etc/jupyterhub/egress.json")
ROUTES_SETTINGS = Path("/etc/jupyterhub/routes.json")
SECRETS = Path("/run/secrets")

NOTEBOOK_PORT = 8888
"""Port of notebook servers."""

HUB_PORT = 8081
"""Port of the hub's own API, for notebooks and the reverse proxy."""
