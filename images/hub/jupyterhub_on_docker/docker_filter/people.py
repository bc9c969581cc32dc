"""Whose something is: the label says it, and the names have to be those that the hub makes of it."""

from collections.abc import Mapping

from ..labels import ROLE, STACK, USER
from ..names import rule
from ..servers.object_names import LONGEST_SERVER, is_server_of
from .denied import Denied
from .settings import FilterSettings


def check_person(name: str) -> str:
    """Checks that a label's value may be a person's name, by the hub's own rule: people read it elsewhere."""
    if problem := rule.problem(name):
        raise Denied(f"label {USER} is not a user name: it {problem}")
    return name


def check_server(
    settings: FilterSettings, name: str, labels: Mapping[str, str], role: str, longest: int = LONGEST_SERVER
) -> str:
    """Checks name and labels of a server that is made; gives the name of its person."""
    person = check_person(labels.get(USER, ""))
    if dict(labels) != {STACK: settings.prefix, ROLE: role, USER: person}:
        raise Denied(f"labels are not {STACK}={settings.prefix}, {ROLE}={role} and {USER}")
    prefix = settings.folders_prefix if role == "folders" else settings.container_prefix
    rest = name.removeprefix(prefix)
    # What a container for folders is called follows from the name of the server.
    if rest == name or not is_server_of(rest, settings.container_prefix, longest, person):
        raise Denied(f"{name!r} is not the name of a server of the user in the label {USER}")
    return person
