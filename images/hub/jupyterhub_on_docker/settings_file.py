"""The hub's settings, from one file or two.

What is of people may be in a second one, which changes while the hub runs.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from . import paths
from .config import Database, Settings
from .errors import SettingsError, parse_settings, read_settings

PEOPLE = "people"
"""Key of the first file that says where the second one is."""


class OfDatabase(BaseModel):
    """What of the settings says where the database is: for whoever has the first file alone."""

    model_config = ConfigDict(extra="ignore")

    database: Database


def database(path: Path | None = None) -> Database:
    return read_settings(path or paths.SETTINGS, OfDatabase).database


def read(path: Path | None = None) -> Settings:
    """The settings as one. Raises SettingsError."""
    return combine(path)[0]


def combine(path: Path | None = None) -> tuple[Settings, str]:
    """The settings, and the SHA-256 of the file with those of people; empty where there is none."""
    path = path or paths.SETTINGS
    own = _object(path)
    where = own.pop(PEOPLE, None)
    if where is None:
        return parse_settings(path, json.dumps(own), Settings), ""
    file = Path(str(where))
    text = _text(file)
    merged = _merged(own, _parsed(file, text))
    # Whatever is wrong then is in this one: the first one never changes.
    return parse_settings(file, json.dumps(merged), Settings), hashlib.sha256(text).hexdigest()


def digest_of(path: Path | None = None) -> str:
    """SHA-256 of the file with people's settings, whatever is in it; empty where there is none."""
    try:
        where = _object(path or paths.SETTINGS).get(PEOPLE)
        return "" if where is None else hashlib.sha256(_text(Path(str(where)))).hexdigest()
    except SettingsError:
        return ""


def _object(path: Path) -> dict[str, Any]:
    return _parsed(path, _text(path))


def _text(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None


def _parsed(path: Path, text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise SettingsError(f"{path}: not JSON: {error}") from None
    if not isinstance(found, dict):
        raise SettingsError(f"{path}: expected an object")
    return found


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """The second over the first. People's keys are not in the first, so no map is mixed with another."""
    merged = dict(below)
    for key, value in above.items():
        known = merged.get(key)
        merged[key] = _merged(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return merged
