"""What may be mounted: the volumes and folders that the settings name, and nothing that leads elsewhere."""

import os
import posixpath
import re
import stat
from pathlib import Path

from .denied import Denied
from .settings import HOST_FOLDERS, FilterSettings

_PLACE = "{username}"
_NAME = r"([a-zA-Z0-9_.-]+)"


class Mounts:
    """The rules of one stack. `host` is where its container has the folders of the host."""

    def __init__(self, settings: FilterSettings, host: Path = HOST_FOLDERS):
        self._volumes = [(_pattern(volume.name), volume) for volume in settings.volumes]
        self._folders = frozenset(settings.folders)
        self._parents = frozenset(settings.parents)
        self._host = host

    def check_volume(self, name: str, driver: str, options: dict[str, str]) -> None:
        """Checks that a volume may be made so."""
        problem = f"volume {name!r} does not belong to this stack's servers"
        for person, volume in self._matches(name):
            wanted = {key: value.replace(_PLACE, person) for key, value in volume.options.items()}
            if (driver, options) == (volume.driver, wanted):
                return
            problem = f"volume {name!r} has a driver or options that are not those of the settings"
        raise Denied(problem)

    def check_bind(self, bind: str) -> None:
        source, *rest = bind.split(":")
        if len(rest) not in (1, 2) or rest[1:] not in ([], ["rw"], ["ro"]):
            raise Denied(f"mount {bind!r} is not source:target[:rw|:ro]")
        target = rest[0]
        if not target.startswith("/") or posixpath.normpath(target) != target or target == "/":
            raise Denied(f"mount {bind!r}: target is not a plain absolute path")
        if source.startswith("/"):
            self._check_folder(source)
        elif not any(self._matches(source)):
            raise Denied(f"volume {source!r} does not belong to this stack's servers")

    def _matches(self, name: str):
        for pattern, volume in self._volumes:
            if found := pattern.fullmatch(name):
                yield (found.group(1) if pattern.groups else ""), volume

    def _check_folder(self, source: str) -> None:
        parent = posixpath.dirname(source)
        if posixpath.normpath(source) != source or not (source in self._folders or parent in self._parents):
            raise Denied(f"folder {source!r} of the host is not on the list")
        # A mount follows links, and a link may lead to anywhere on the host.
        if (found := self._stat(source)) and not stat.S_ISDIR(found.st_mode):
            raise Denied(f"{source!r} on the host is not a folder")
        if parent in self._parents:
            holder = self._stat(parent)
            if holder is None or not stat.S_ISDIR(holder.st_mode):
                raise Denied(f"folder {parent!r} is not on the host: pulumi up --refresh makes it")
            if holder.st_uid != 0 or holder.st_mode & 0o022:
                raise Denied(
                    f"folder {parent!r} of the host can be changed by others than root, who could put a link "
                    "in the place of a folder: pulumi up --refresh puts it right"
                )

    def _stat(self, path: str) -> os.stat_result | None:
        try:
            return os.lstat(self._host / path[1:])
        except FileNotFoundError:
            return None


def _pattern(template: str) -> re.Pattern:
    return re.compile(re.escape(template).replace(re.escape(_PLACE), _NAME))
