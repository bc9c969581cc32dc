"""Where things are in the containers of the hub's image, and whose they are."""

from pathlib import Path

SETTINGS = Path("/etc/jupyterhub/config.json")
PEOPLE = Path("/srv/people/people.json")
"""Settings of people, where they are in a file of their own: a hub that runs takes over another one."""
FILTER_SETTINGS = Path("/etc/jupyterhub/filter.json")
EGRESS_SETTINGS = Path("/etc/jupyterhub/egress.json")
ROUTES_SETTINGS = Path("/etc/jupyterhub/routes.json")
BACKUP_SETTINGS = Path("/etc/jupyterhub/backup.json")
SECRETS = Path("/run/secrets")

TEMPLATES = str(Path(__file__).with_name("web") / "templates")
"""Pages of the hub that this package adds to."""

NOTEBOOK_PORT = 8888
"""Port of notebook servers."""

HUB_PORT = 8081
"""Port of the hub's own API, for notebooks and the reverse proxy."""

HUB_USER = 10001
"""User and group that run what is in the image, and have the hub's data. The Dockerfile makes them."""
