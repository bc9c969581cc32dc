"""What is mounted in a person's server. Pure: from settings and a person to a list of mounts."""

import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ..config import Group, Storage
from ..config.storage import ExtraVolume
from .object_names import folder_name, personal, volume_name

PRIVATE = 0o700
"""Mode of a folder that one person has."""

COMMON = 0o775
"""Mode of a folder that several people have."""


@dataclass(frozen=True)
class Person:
    name: str
    volume_name: str
    """The name as it is in names of volumes: a-z, 0-9 and escapes."""
    admin: bool
    groups: Sequence[str]
    """Groups of the settings."""


@dataclass(frozen=True)
class NewVolume:
    """A volume that is made if it is not there."""

    name: str
    role: str
    """What it is for: `home`, `settings`, `folder`, `volume`."""
    personal: bool
    driver: str = "local"
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Mount:
    source: str
    """Name of a volume, or a folder of the Docker host."""
    target: str
    read_only: bool = False
    volume: NewVolume | None = None
    mode: int | None = None
    """Mode of the folder if it is new. None: whose it is and what mode it has is for others to say."""

    @property
    def bind(self) -> str:
        return f"{self.source}:{self.target}:{'ro' if self.read_only else 'rw'}"


def mounts_of(storage: Storage, groups: Mapping[str, Group], person: Person) -> list[Mount]:
    """Everything that is mounted in a person's server, those that are in others after them."""
    place = _tree(storage) if storage.home.tree else _volumes(storage)
    write = person.admin
    folders = storage.folders
    mounts = [] if storage.home.temporary else [place("home", storage.mount_path, person, False)]
    if storage.lab_settings:
        mounts.append(place("settings", storage.lab_settings.mount_path, person, False))
    if folders.shared:
        mounts.append(place("shared", f"{folders.path}/shared", person, not write))
    if folders.colab:
        mounts.append(place("colab", f"{folders.path}/colab", person, False))
    if folders.users and person.admin and storage.home.tree:
        # Not given to anybody: who could change what is in it could put a link in the place of a home.
        mounts.append(Mount(f"{storage.home.tree}/users", f"{folders.path}/users"))
    for name in person.groups:
        if (folder := groups[name].folder) != "none":
            target = f"{folders.path}/groups/{folder_name(name)}"
            mounts.append(place(f"group:{name}", target, person, folder == "read-only" and not write))
    mounts += [
        _extra(extra, person)
        for extra in storage.volumes
        if extra.groups is None or set(extra.groups) & set(person.groups)
    ]
    return sorted(mounts, key=lambda mount: mount.target.count("/"))


def common(mounts: Sequence[Mount]) -> list[Mount]:
    """Those of them that a person does not have alone."""
    return [
        mount for mount in mounts if mount.mode != PRIVATE and not (mount.volume and mount.volume.personal)
    ]


_Place = Callable[[str, str, Person, bool], Mount]


def _tree(storage: Storage) -> _Place:
    def place(what: str, target: str, person: Person, read_only: bool) -> Mount:
        kind, _, group = what.partition(":")
        match kind:
            case "home":
                path, mode = f"users/{folder_name(person.name)}", PRIVATE
            case "settings":
                path, mode = f"user-settings/{folder_name(person.name)}", PRIVATE
            case "group":
                path, mode = f"groups/{folder_name(group)}", COMMON
            case _:
                path, mode = kind, COMMON
        return Mount(f"{storage.home.tree}/{path}", target, read_only, mode=mode)

    return place


def _volumes(storage: Storage) -> _Place:
    def place(what: str, target: str, person: Person, read_only: bool) -> Mount:
        kind, _, group = what.partition(":")
        match kind:
            case "home":
                home = storage.home.volume
                assert home is not None
                new = _personal(home.name, "home", person, home.driver, home.options)
            case "settings":
                assert storage.lab_settings is not None
                new = _personal(storage.lab_settings.volume, "settings", person)
            case _:
                name = f"group-{volume_name(group)}" if group else kind
                new = NewVolume(storage.folders.volume.format(folder=name), "folder", personal=False)
        return Mount(new.name, target, read_only, new, PRIVATE if new.personal else COMMON)

    return place


def _personal(
    template: str, role: str, person: Person, driver: str = "local", options: Mapping[str, str] | None = None
) -> NewVolume:
    def rendered(text: str) -> str:
        return personal(text, person.name)

    options = {key: rendered(value) for key, value in (options or {}).items()}
    return NewVolume(rendered(template), role, "{username}" in template, driver, options)


def extra_source(extra: ExtraVolume, person: Person) -> str:
    """Name of an extra volume, for a person."""
    return _extra(extra, person).source


def _extra(extra: ExtraVolume, person: Person) -> Mount:
    volume = extra.volume
    new = _personal(volume.name, "volume", person, volume.driver, volume.options)
    # What a driver brings, or options lead to, has an owner of its own.
    own = volume.driver == "local" and not volume.options
    mode = (PRIVATE if new.personal else COMMON) if own else None
    return Mount(new.name, extra.mount_path, extra.read_only, new, mode)


def inside(mounts: Sequence[Mount], outer: Mount) -> list[str]:
    """Folders that are needed in a mount for others to be mounted there: `groups`, `groups/physics`."""
    paths: set[str] = set()
    for mount in mounts:
        if mount is not outer and _holder(mounts, mount.target) is outer:
            path = posixpath.relpath(mount.target, outer.target)
            while path:
                paths.add(path)
                path = posixpath.dirname(path)
    return sorted(paths)


def outside(mounts: Sequence[Mount]) -> list[str]:
    """Folders on the way to mounts that are in no mount, from the top: `/home`, `/home/jovyan`, …"""
    paths: set[str] = set()
    for mount in mounts:
        path = posixpath.dirname(mount.target)
        while path != "/":
            if _holder(mounts, f"{path}/x") is None:
                paths.add(path)
            path = posixpath.dirname(path)
    return sorted(paths)


def _holder(mounts: Sequence[Mount], path: str) -> Mount | None:
    """The innermost mount that a path is in, not counting one that is at the path."""
    holders = [mount for mount in mounts if path.startswith(f"{mount.target}/")]
    return max(holders, key=lambda mount: len(mount.target), default=None)
