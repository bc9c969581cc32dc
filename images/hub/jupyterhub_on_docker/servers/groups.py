"""Who is in which group."""

from collections.abc import Iterable, Mapping

from ..config import Group


def groups_of(groups: Mapping[str, Group], name: str, known: Iterable[str] = ()) -> list[str]:
    """Names of a person's groups, sorted.

    `known` are those that the hub has the person in: from the login service, or put there by an admin. They
    count as much as those of the configuration; a group that the configuration doesn't have gives nothing.
    """
    known = set(known)
    return sorted(group for group, settings in groups.items() if name in settings.members or group in known)
