"""What is kept of servers that ended or did not start: why, and the last lines of the log.

A file each in a folder on the hub's volume, which nobody but the hub reads; `./hub logs NAME` shows it. A
newer end of the same server replaces it, and the oldest files go.
"""

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

FOLDER = "ended-servers"
"""In the hub's data directory."""

SERVERS = 256
"""How many are kept: with the lines and bytes of each, 8 MiB at most."""


LONGEST = 200
"""Characters of a name that is a file's as it is."""


class Ended(BaseModel):
    """A file of the folder. `cli/ended-servers.ts` reads it too."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    user: str
    server: str
    """Its name; empty for the default server."""
    at: datetime
    started: bool
    """Whether it ran before."""
    sentence: str
    """For its person: why, and what to do. Empty where it was stopped on purpose."""
    detail: str
    """For the administrator."""
    log: Sequence[str]


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


class Kept:
    """The folder. Its calls take the disk's time; names are of containers or services."""

    def __init__(self, data_dir: str | Path):
        self._folder = Path(data_dir) / FOLDER

    def put(self, name: str, ended: Ended) -> None:
        """Raises OSError where the disk is full, say."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        new = self._path(name).with_suffix(".new")
        with suppress(FileNotFoundError):
            new.unlink()
        try:
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(ended.model_dump_json().encode(errors="replace"))
            new.replace(self._path(name))
        except OSError:
            new.unlink(missing_ok=True)
            raise
        self._forget_oldest()

    def get(self, name: str) -> Ended | None:
        try:
            return Ended.model_validate_json(self._path(name).read_bytes())
        except (OSError, ValidationError):
            return None

    def remove(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        # A file's name has less room than a container's.
        short = name if len(name) <= LONGEST else hashlib.sha256(name.encode()).hexdigest()
        return self._folder / f"{short}.json"

    def _forget_oldest(self) -> None:
        files = sorted(self._folder.glob("*.json"), key=_changed, reverse=True)
        for file in files[SERVERS:]:
            file.unlink(missing_ok=True)


def _changed(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return 0.0
