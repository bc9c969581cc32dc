"""What may be mounted: the volumes and folders that the settings name, and nothing that leads elsewhere.

Whose a volume or folder is follows from the person's name as the hub has it: what stands for a person is made
here anew, as the hub makes it, and compared. So nothing else fits, and no other person's.
"""

import os
import posixpath
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..labels import ROLE, STACK, USER
from ..servers.object_names import folder_name, is_folder_name, is_volume_name, personal
from .denied import Denied
from .people import check_person
from .settings import HOST_FOLDERS, AllowedVolume, FilterSettings

PERSONAL = frozenset({"users", "user-settings"})
"""Parents of folders that one person has."""

_PERSON = "{username}"
_FOLDER = "{folder}"
_COMMON = frozenset({"shared", "colab"})
_GROUP = "group-"
_VOLUME_ROLES = frozenset({"home", "settings", "folder", "volume"})

_LONGEST_NAME = 255
"""Bytes of a part of a path."""
_LONGEST_PATH = 1024
_KERNELS = ("/proc", "/sys", "/dev")


class Mounts:
    """The rules of one stack. `host` is where its container has the folders of the host."""

    def __init__(self, settings: FilterSettings, host: Path = HOST_FOLDERS):
        self._prefix = settings.prefix
        self._volumes = settings.volumes
        self._folders = frozenset(settings.folders)
        self._parents = frozenset(settings.parents)
        self._host = host

    def check_volume(
        self, name: str, driver: str, options: Mapping[str, str], labels: Mapping[str, str]
    ) -> None:
        """Checks that a volume may be made so, with labels that say whose it is."""
        person = check_person(labels[USER]) if USER in labels else None
        wanted = {STACK: self._prefix, ROLE: labels.get(ROLE)}
        if labels.get(STACK) != self._prefix:
            raise Denied(f"label {STACK} of the volume is not {self._prefix!r}")
        if wanted[ROLE] not in _VOLUME_ROLES or {**labels, USER: person} != {**wanted, USER: person}:
            raise Denied("labels of the volume are not exactly those of its stack, role and user")
        problem = f"volume {name!r} does not belong to this stack's servers"
        for volume in self._named(name, person):
            if (_PERSON in volume.name) is (person is None):
                problem = f"volume {name!r} does not have the label of its user"
            elif (driver, options) != (volume.driver, _rendered(volume.options, person)):
                problem = f"volume {name!r} does not have the driver and options of the settings"
            else:
                return
        raise Denied(problem)

    def check_bind(self, bind: str, person: str, *, unused: bool = False) -> str:
        """Checks what is mounted in a person's server; gives where. `unused` is for one that never runs."""
        source, *rest = bind.split(":")
        if len(rest) not in (1, 2) or rest[1:] not in ([], ["rw"], ["ro"]):
            raise Denied(f"mount {bind!r} is not source:target[:rw|:ro]")
        check_target(rest[0])
        if source.startswith("/"):
            self._check_folder(source, person)
            return rest[0]
        found = list(self._named(source, person))
        if not found:
            raise Denied(f"volume {source!r} does not belong to this user's server")
        if rest[1:] != ["ro"] and not unused and all(volume.read_only for volume in found):
            raise Denied(f"volume {source!r} may only be mounted read-only")
        return rest[0]

    def to_look_at(self, source: str, person: str) -> bool:
        """Whether a name could be that of any volume of the host: its labels have to say whose it is."""
        return any(volume.taken_over is not None for volume in self._named(source, person))

    def check_found(self, name: str, person: str, inspected: dict[str, Any] | None) -> None:
        """Checks a volume that `to_look_at` is for, as the engine knows it; None where there is none."""
        if inspected is None:
            raise Denied(f"volume {name!r} does not exist: create it first, with labels")
        labels = inspected.get("Labels") or {}
        if STACK in labels:
            if {**labels, STACK: self._prefix, ROLE: "home", USER: person} != labels:
                raise Denied(f"volume {name!r} has labels that do not make it the home of {person!r}")
        elif not any(person in (volume.taken_over or ()) for volume in self._named(name, person)):
            raise Denied(
                f"volume {name!r} was not made by this stack: add {person!r} to storage.homes.takenOver "
                "if it is that person's home"
            )

    def _named(self, name: str, person: str | None) -> Iterator[AllowedVolume]:
        for volume in self._volumes:
            if _PERSON in volume.name:
                fits = person is not None and name == personal(volume.name, person)
            else:
                fits = _folders_volume(volume.name).fullmatch(name) is not None
                if fits and _FOLDER in volume.name:
                    before, _, after = volume.name.partition(_FOLDER)
                    fits = _is_folder(name[len(before) : len(name) - len(after)])
            if fits:
                yield volume

    def _check_folder(self, source: str, person: str) -> None:
        parent, name = posixpath.split(source)
        if source not in self._folders:
            if parent not in self._parents:
                raise Denied(f"the host's folder {source!r} is not on the list")
            if posixpath.basename(parent) in PERSONAL:
                if name != folder_name(person):
                    raise Denied(f"the host's folder {source!r} belongs to another user")
            elif not is_folder_name(name):
                raise Denied(f"the host's folder {source!r} belongs to no group")
        # A mount follows links, and a link may lead to anywhere on the host.
        if (found := self._stat(source)) and not stat.S_ISDIR(found.st_mode):
            raise Denied(f"{source!r} on the host is not a folder")
        if parent in self._parents:
            holder = self._stat(parent)
            if holder is None or not stat.S_ISDIR(holder.st_mode):
                raise Denied(
                    f"folder {parent!r} does not exist on the host: create it with ./up STACK --refresh"
                )
            if holder.st_uid != 0 or holder.st_mode & 0o022:
                raise Denied(
                    f"users other than root can write to the host's folder {parent!r} and could replace a "
                    "folder in it with a link: correct its owner and mode with ./up STACK --refresh"
                )

    def _stat(self, path: str) -> os.stat_result | None:
        try:
            return os.lstat(self._host / path[1:])
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Denied(f"cannot read {path!r} on the host: {error.strerror}") from None


def check_target(target: str) -> None:
    """Checks where something is mounted in a server."""
    check_path(target)
    if target == "/" or any(f"{target}/".startswith(f"{place}/") for place in _KERNELS):
        raise Denied(f"nothing may be mounted at {target!r}: it is the root folder or belongs to the kernel")


def check_path(path: str) -> None:
    """Checks that a path is absolute, has no detours, and can be made."""
    # `normpath` leaves two slashes at the beginning.
    if not path.startswith("/") or path.startswith("//") or posixpath.normpath(path) != path:
        raise Denied(f"path {path!r} is not a plain absolute path")
    longest = max(len(part) for part in path.encode(errors="replace").split(b"/"))
    if not path.isprintable() or len(path) > _LONGEST_PATH or longest > _LONGEST_NAME:
        raise Denied(f"path {path!r} cannot be created")


def _rendered(options: Mapping[str, str], person: str | None) -> dict[str, str]:
    if person is None:
        return {key: value.replace(_PERSON, "") for key, value in options.items()}
    return {key: personal(value, person) for key, value in options.items()}


def _folders_volume(template: str) -> re.Pattern[str]:
    return re.compile(re.escape(template).replace(re.escape(_FOLDER), "[a-z0-9-]+"))


def _is_folder(text: str) -> bool:
    return text in _COMMON or (text.startswith(_GROUP) and is_volume_name(text[len(_GROUP) :]))
