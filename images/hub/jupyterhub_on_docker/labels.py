"""Labels of what the hub makes on the Docker host, so that it can be found by stack, use and owner."""

STACK = "org.jupyterhub.stack"
"""Prefix of the stack's names."""

ROLE = "org.jupyterhub.role"
"""What it is for: `user` (a notebook server), `folders` (a container that is never started), or a volume's
use: `home`, `settings`, `folder`, `volume`."""

IMAGE = "notebook-image"
"""Role of an image that servers are made from."""

USER = "org.jupyterhub.user"
"""Name of the user that it belongs to, as in the hub."""
