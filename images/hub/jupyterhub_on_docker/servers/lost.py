"""Folders that a running server still has, and its person has no right to any more."""

from collections.abc import Mapping

from ..config import Settings
from .folders import Person, extra_source, mounts_of


def lost_folders(settings: Settings, person: Person, held: Mapping[str, bool]) -> list[str]:
    """Sources of mounts, sorted. `held` says of each source whether the server can write there.

    Only what some people have and others have not: of groups, or of administrators. A folder that the
    configuration has for nobody any more, such as `shared`, is taken from nobody.
    """
    storage = settings.storage
    may = {mount.source: not mount.read_only for mount in mounts_of(storage, settings.groups, person)}
    extras = {extra_source(extra, person) for extra in storage.volumes if extra.groups is not None}
    if tree := storage.home.tree:
        groups, shared, users = f"{tree}/groups/", f"{tree}/shared", f"{tree}/users"
    else:
        groups, shared = (storage.folders.volume.format(folder=name) for name in ("group-", "shared"))
        users = None

    def lost(source: str, writable: bool) -> bool:
        if source == shared:
            return writable and may.get(source) is False
        if source.startswith(groups) or source in extras or source == users:
            return source not in may or (writable and not may[source])
        return False

    return sorted(source for source, writable in held.items() if lost(source, writable))
