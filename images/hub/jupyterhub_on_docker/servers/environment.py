"""Environment variables of a server: whose value wins. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..config import Settings
from ..config.environment import Variables
from ..secrets import Secrets

USERNAME = "{username}"


def secret_values(settings: Settings, secrets: Secrets) -> dict[str, str]:
    """The secrets that servers may be given, by name. Raises SettingsError where one is missing."""
    places: list[Variables] = [
        *settings.spawner.profiles,
        *settings.groups.values(),
        *settings.users.values(),
    ]
    return {name: secrets.text(name) for place in places for name in place.secrets.values()}


def filled(environment: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Variables with a person's name where it is asked for. What is no text is JupyterHub's to call."""
    return {
        variable: value.replace(USERNAME, name) if isinstance(value, str) else value
        for variable, value in environment.items()
    }


def resolve(
    common: Mapping[str, Any],
    places: Sequence[Variables],
    name: str,
    values: Mapping[str, str],
) -> dict[str, Any]:
    """The variables of a server: `common`, then each place over the ones before it.

    A secret wins over what is in clear at the same place.
    """
    environment = filled(common, name)
    for place in places:
        environment |= filled(place.environment, name)
        environment |= {variable: values[secret] for variable, secret in place.secrets.items()}
    return environment
