"""Roles and services: who may do what with the hub's API."""

from .base import NotEmpty, Section, WebUrl


class Role(Section):
    name: NotEmpty
    description: str
    scopes: list[NotEmpty]
    users: list[NotEmpty]
    groups: list[NotEmpty]
    services: list[NotEmpty]


class Service(Section):
    name: NotEmpty
    token: NotEmpty
    """Name of the secret with its token."""
    scopes: list[NotEmpty]
    url: WebUrl | None
    command: list[NotEmpty] | None
    """Command that the hub runs, or null for what runs elsewhere."""
    environment: dict[str, str]
    secrets: dict[str, NotEmpty]
    """Names of secrets by the environment variables that they are given in."""
    display: bool
    oauth_redirect_uri: str | None
    oauth_no_confirm: bool


class Access(Section):
    roles: list[Role]
    services: list[Service]
