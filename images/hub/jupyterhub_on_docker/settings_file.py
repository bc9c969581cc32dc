"""The hub's settings, from one file or two.

What is of people may be in a second one, which changes while the hub runs.
"""

import hashlib
import json
import os
import stat
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn

from pydantic import BaseModel, ConfigDict

from . import paths
from .config import Database, Settings
from .errors import SettingsError, parse_settings, read_settings

PEOPLE = "people"
"""Key of the first file that says where the second one is."""

WHOLE: Final = frozenset({"groups", "users"})
"""Sections of the second file that are in the first one in no part."""

PARTS: Final = {
    "auth": frozenset({"users", "admins", "blocked", "allowAll", "allowExistingUsers"}),
    "access": frozenset({"roles"}),
    "pages": frozenset({"announcement"}),
    "spawner": frozenset({"profiles", "limits"}),
    "servers": frozenset({"idle"}),
}
"""What else the second file has, by section. components/hub/settings/people.ts writes it."""

LAST = "people-last.json"
"""In the hub's folder: the last file of people that it worked with."""

LARGEST = 32 * 2**20
"""Bytes of the second file. With ten thousand people it has one or two million."""


class OfDatabase(BaseModel):
    """What of the settings says where the database is: for whoever has the first file alone."""

    model_config = ConfigDict(extra="ignore")

    database: Database


class Combined(NamedTuple):
    settings: Settings
    people: bytes | None
    """Text of the second file, where there is one."""

    @property
    def digest(self) -> str:
        """SHA-256 of the second file; empty where there is none."""
        return "" if self.people is None else digest(self.people)


class PeopleError(SettingsError):
    """A second file that cannot be used."""

    def __init__(self, message: str, digest: str) -> None:
        super().__init__(message)
        self.digest = digest


def digest(text: bytes) -> str:
    """SHA-256, as the program that writes the second file has it."""
    return hashlib.sha256(text).hexdigest()


def database(path: Path | None = None) -> Database:
    return read_settings(path or paths.SETTINGS, OfDatabase).database


def read(path: Path | None = None) -> Settings:
    """The settings as one. Raises SettingsError."""
    return combine(path).settings


def combine(path: Path | None = None) -> Combined:
    """The settings as one, and what they are made of. Raises SettingsError."""
    path = path or paths.SETTINGS
    own = _parsed(path, _text(path))
    where = own.pop(PEOPLE, None)
    if where is None:
        return Combined(parse_settings(path, json.dumps(own), Settings), None)
    return _with_people(own, Path(str(where)))


def at_start(path: Path | None = None) -> tuple[Combined, str | None]:
    """The same for a hub that starts, and what is wrong with people's file, if anything.

    Then the one is used that a hub worked with last: a start is no time to lose the hub for a file that one
    which runs would have refused.
    """
    try:
        return combine(path), None
    except SettingsError as error:
        path = path or paths.SETTINGS
        own = _parsed(path, _text(path))
        if own.pop(PEOPLE, None) is None:
            raise
        try:
            return _with_people(own, Path(str(own["hub"]["dataDir"])) / LAST), str(error)
        except (SettingsError, LookupError, TypeError):
            raise error from None


def facts(path: Path) -> tuple[int, int, int] | None:
    """What is different once a file is another one; None where there is none."""
    try:
        found = path.stat(follow_symlinks=False)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


def _with_people(own: dict[str, Any], file: Path) -> Combined:
    text = _text(file)
    try:
        people = _parsed(file, text)
        _check_keys(file, people)
        # Whatever is wrong then is in this one: the first one never changes.
        return Combined(parse_settings(file, json.dumps(_merged(own, people)), Settings), text)
    except SettingsError as error:
        # It may be another file by now: the one that was read is told of.
        raise PeopleError(str(error), digest(text)) from None


def _check_keys(file: Path, people: dict[str, Any]) -> None:
    for section, value in people.items():
        if section in WHOLE:
            continue
        known = PARTS.get(section)
        if known is None or not isinstance(value, dict):
            raise SettingsError(f"{file}: {section[:64]!r} has no settings of people")
        if unknown := sorted(value.keys() - known):
            raise SettingsError(f"{file}: {section}: {unknown[0][:64]!r} is not a setting of people")


def _text(path: Path) -> bytes:
    try:
        # Neither led elsewhere nor kept waiting by what is no file.
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as opened:
            found = os.fstat(opened.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise SettingsError(f"{path}: expected a file")
            text = opened.read(LARGEST + 1)
    except OSError as error:
        if path.is_symlink():
            raise SettingsError(f"{path}: expected a file, got a symbolic link") from None
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
    if len(text) > LARGEST:
        raise SettingsError(f"{path}: expected at most {LARGEST} bytes")
    return text


def _parsed(path: Path, text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{path}: not JSON: {error}") from None
    if not isinstance(found, dict):
        raise SettingsError(f"{path}: expected an object")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} cannot be in it")


def _merged(own: dict[str, Any], people: dict[str, Any]) -> dict[str, Any]:
    """Both as one. Sections that are in both are made of the keys of both."""
    merged = dict(own)
    for section, value in people.items():
        known = own.get(section)
        merged[section] = {**known, **value} if section in PARTS and isinstance(known, dict) else value
    return merged
