"""Folders of a file system that all nodes of a Swarm share: made, and given to owners, before a mount.

Elsewhere that is done in a container that is never started; a service has none. Paths are followed a part at
a time and never through a link: what is in a home is its user's, who could make one that leads elsewhere.
"""

import os
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..paths import HUB_USER
from ..servers.folders import COMMON, PRIVATE
from .mounts import PERSONAL
from .settings import HOST_FOLDERS, FilterSettings, SwarmRules

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


@dataclass(frozen=True)
class Bind:
    source: str
    """Folder of all nodes."""
    target: str
    """Where it is in a server."""


class SharedFolders:
    """Makes folders below `host`, where the filter's container has those of the nodes."""

    def __init__(self, settings: FilterSettings, rules: SwarmRules, host: Path = HOST_FOLDERS):
        self._settings = settings
        self._rules = rules
        self._host = host

    def make(self) -> None:
        """What has to be there before the first server: root's folders of people's, and the hub's data."""
        for parent in self._settings.parents:
            folder = self._host / parent[1:]
            folder.mkdir(mode=0o755, exist_ok=True)
            os.chown(folder, 0, 0, follow_symlinks=False)
        if self._rules.data is not None:
            data = self._host / self._rules.data[1:]
            if data.lstat().st_uid != HUB_USER:
                os.chown(data, HUB_USER, HUB_USER, follow_symlinks=False)
                data.chmod(0o700)

    def prepare(self, binds: Sequence[Bind]) -> None:
        """Makes what is mounted, and in it the places where other folders are mounted."""
        for bind in binds:
            parent, name = posixpath.split(bind.source)
            personal = parent in self._settings.parents and posixpath.basename(parent) in PERSONAL
            mode = PRIVATE if personal else COMMON
            # Mounted by administrators to see all homes: it is one of root's.
            owned = bind.source not in self._settings.parents
            if owned:
                self._make_in(parent, [name], mode)
            for other in binds:
                if other.target.startswith(f"{bind.target}/") and owned:
                    self._make_in(bind.source, other.target[len(bind.target) + 1 :].split("/"), 0o755)

    def _make_in(self, folder: str, names: Sequence[str], mode: int) -> None:
        """Makes folders in one another, and gives those that are new, or root's, to the servers' user."""
        at = os.open(self._host / folder[1:], _FOLDER)
        try:
            for name in names:
                try:
                    os.mkdir(name, mode=0o700, dir_fd=at)
                    is_new = True
                except FileExistsError:
                    is_new = False
                inner = os.open(name, _FOLDER, dir_fd=at)
                os.close(at)
                at = inner
                if os.fstat(at).st_uid == 0:
                    os.fchown(at, self._settings.uid, self._settings.gid)
                if is_new:
                    os.fchmod(at, mode)
        finally:
            os.close(at)
