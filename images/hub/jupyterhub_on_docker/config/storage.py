"""People's homes, and the folders that they share."""

import posixpath
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from .base import NotEmpty, PositiveInt, Section
from .environment import Variables
from .limits import SomeLimits


def _plain(value: str) -> str:
    if not value.startswith("/") or value == "/" or posixpath.normpath(value) != value or ":" in value:
        raise ValueError("expected a plain absolute path")
    return value


Target = Annotated[str, AfterValidator(_plain)]
"""A plain absolute path in a server, or on the Docker host."""

VolumeName = Annotated[
    str,
    Field(pattern=r"^(\{username\}|[a-zA-Z0-9])([a-zA-Z0-9_.-]|\{(username|folder)\})*$"),
]


class Volume(Section):
    name: VolumeName
    """`{username}` stands for the escaped name of a person, here and in the options."""
    driver: NotEmpty
    options: dict[str, str]


class Home(Section):
    volume: Volume | None
    tree: Target | None
    """Folder on the Docker host with everybody's folders, in place of volumes."""

    @model_validator(mode="after")
    def _not_both(self) -> Self:
        if self.volume is not None and self.tree is not None:
            raise ValueError("expected a volume, a tree or neither")
        return self

    @property
    def temporary(self) -> bool:
        """Homes are in the servers' containers, and gone with them."""
        return self.volume is None and self.tree is None


class Folders(Section):
    path: Target
    """Where the folders are in a server."""
    volume: VolumeName
    """Volume of a folder where homes are in no tree; `{folder}` stands for its name."""
    shared: bool
    colab: bool
    users: bool


class LabSettings(Section):
    volume: VolumeName
    mount_path: Target


class ExtraVolume(Section):
    volume: Volume
    mount_path: Target
    read_only: bool
    groups: list[str] | None
    """Groups whose members have it, or null for everybody."""


class Storage(Section):
    home: Home
    mount_path: Target
    """Where the home is in a server."""
    folders: Folders
    lab_settings: LabSettings | None
    """JupyterLab's settings, where they are kept apart from the home."""
    volumes: list[ExtraVolume]
    uid: PositiveInt
    gid: PositiveInt


class Group(Variables):
    members: list[str]
    """People named in the configuration; those that the hub knows of come to them."""
    folder: Literal["none", "read-only", "read-write"]
    limits: SomeLimits


class Person(Variables):
    limits: SomeLimits
