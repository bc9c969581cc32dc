"""Whose something is: the label says it, and the names have to be those that the hub makes of it."""

from collections.abc import Mapping

from ..labels import ROLE, STACK, USER
from ..servers.names import is_volume_name, volume_name
from .denied import Denied
from .settings import FilterSettings

_LONGEST = 255
"""Characters of a person's name."""

_NAMED_SERVER = "--"
"""Between the names of a person and of a server: no name of a person has two hyphens but before a hash."""


def check_person(name: str) -> str:
    """Checks that a label's value may be a person's name."""
    if not 0 < len(name) <= _LONGEST:
        raise Denied(f"label {USER} is no person's name")
    return name


def person_part(person: str) -> str:
    """What stands for a person in names of volumes, containers and services."""
    return volume_name(person)


def check_server(settings: FilterSettings, name: str, labels: Mapping[str, str], role: str) -> str:
    """Checks name and labels of a server that is made; gives the name of its person."""
    person = check_person(labels.get(USER, ""))
    if dict(labels) != {STACK: settings.name_prefix, ROLE: role, USER: person}:
        raise Denied(f"labels are not {STACK}={settings.name_prefix}, {ROLE}={role} and {USER}")
    prefix = settings.folders_prefix if role == "folders" else settings.container_prefix
    part, _, server = name.removeprefix(prefix).partition(f"{person_part(person)}{_NAMED_SERVER}")
    plain = name == f"{prefix}{person_part(person)}"
    if not name.startswith(prefix) or not (plain or (part == "" and is_volume_name(server))):
        raise Denied(f"{name!r} is no name of a server of the person whom the label {USER} names")
    return person
