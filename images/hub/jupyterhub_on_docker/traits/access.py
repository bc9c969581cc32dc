"""Roles and services: who may do what with the hub's API."""

import sys
from typing import Any

from traitlets.config import Config

from ..config import Idle, Role, Service, Settings
from ..paths import SETTINGS
from ..secrets import Secrets

IDLE_CULLER = "idle-culler"


def update_access(c: Config, settings: Settings, secrets: Secrets) -> None:
    access = settings.access
    services = [_service(service, secrets) for service in access.services]
    roles = [_without_nothing(_of_people(role, settings).model_dump()) for role in access.roles]
    roles += [_role(service.name, service.scopes) for service in access.services if service.scopes]
    if (idle := settings.servers.idle) is not None:
        services.append(
            {
                "name": IDLE_CULLER,
                "command": [sys.executable, "-m", "jupyterhub_on_docker.idle_culler", str(SETTINGS)],
                "display": False,
            }
        )
        roles.append(_role(IDLE_CULLER, idle_culler_scopes(idle)))
    c.JupyterHub.services = services
    c.JupyterHub.load_roles = roles


def idle_culler_scopes(idle: Idle) -> list[str]:
    """What the culler's program asks of the hub, and no more."""
    people = ["read:users", "delete:users"] if idle.users else ["read:users:activity"]
    groups = [f"read:groups!group={rule.name}" for rule in idle.exceptions if rule.kind == "group"]
    return ["list:users", "read:servers", "delete:servers", *people, *groups]


def _of_people(role: Role, settings: Settings) -> Role:
    """The role with the members of the configuration's groups: the hub itself has them in none."""
    members = {
        name for group in role.groups if group in settings.groups for name in settings.groups[group].members
    }
    return role.model_copy(update={"users": [*role.users, *sorted(members - set(role.users))]})


def _role(service: str, scopes: list[str]) -> dict[str, Any]:
    return {"name": f"service-{service}", "scopes": scopes, "services": [service]}


def _service(service: Service, secrets: Secrets) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "name": service.name,
        "api_token": secrets.text(service.token),
        "display": service.display,
        "oauth_no_confirm": service.oauth_no_confirm,
    }
    if service.url is not None:
        spec["url"] = service.url
    if service.command is not None:
        spec["command"] = service.command
        hidden = {variable: secrets.text(name) for variable, name in service.secrets.items()}
        spec["environment"] = {**service.environment, **hidden}
    if service.oauth_redirect_uri is not None:
        spec["oauth_redirect_uri"] = service.oauth_redirect_uri
    return spec


def _without_nothing(role: dict[str, Any]) -> dict[str, Any]:
    # A role of JupyterHub's own keeps what is not named; an empty list would take it away.
    return {key: value for key, value in role.items() if value}
