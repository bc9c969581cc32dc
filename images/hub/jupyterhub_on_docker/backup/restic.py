"""Calls of restic."""

import json
import os
import subprocess
from collections.abc import Sequence
from typing import Any

from .. import paths
from ..errors import SettingsError
from ..secrets import Secrets
from .settings import BackupSettings

TAG = "jupyterhub-on-docker"

INCOMPLETE = 3
"""Exit code of a backup in which something could not be read."""

NO_REPOSITORY = 10
LOCKED = 11
WRONG_PASSWORD = 12


class ResticError(Exception):
    """What restic says went wrong, in a line without secrets."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class Restic:
    """restic with a stack's repository, password and variables."""

    def __init__(self, settings: BackupSettings, cache: str) -> None:
        secrets = Secrets(paths.SECRETS)
        self._settings = settings
        values = {name: secrets.text(secret) for name, secret in settings.variables.items()}
        self._hidden = [*values.values(), secrets.text("backup_password")]
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": cache,
            "LANG": "C.UTF-8",
            "TMPDIR": cache,
            "RESTIC_CACHE_DIR": cache,
            "RESTIC_REPOSITORY": settings.repository,
            "RESTIC_PASSWORD_FILE": str(paths.SECRETS / "backup_password"),
            **values,
        }

    def run(self, *words: str, accept: Sequence[int] = (0,)) -> tuple[int, list[dict[str, Any]]]:
        """Runs a command that prints JSON, a value a line. Raises ResticError for other exit codes."""
        try:
            done = subprocess.run(
                ["restic", "--json", "--retry-lock", "5m", *words],
                env=self._environment,
                capture_output=True,
                check=False,
            )
        except OSError as error:
            raise ResticError(f"restic cannot be run: {error.strerror}", -1) from None
        if done.returncode not in accept:
            raise ResticError(self._reason(done.stderr, done.returncode), done.returncode)
        return done.returncode, list(_values(done.stdout))

    def open(self) -> None:
        """Makes the repository where there is none yet."""
        try:
            self.run("cat", "config")
        except ResticError as error:
            if error.code != NO_REPOSITORY:
                raise
            self.run("init")

    def snapshots(self) -> list[dict[str, Any]]:
        """Of this stack, the oldest first."""
        _, found = self.run("snapshots", "--tag", TAG, "--host", self._settings.host)
        listed = found[0] if found else []
        snapshots = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        return sorted(snapshots, key=lambda one: str(one.get("time")))

    def _reason(self, said: bytes, code: int) -> str:
        lines = [line for line in said.decode(errors="replace").splitlines() if line.strip()]
        last = lines[-1] if lines else f"restic ended with exit code {code}"
        for value in _values(last.encode()):
            if isinstance(value, dict) and isinstance(value.get("message"), str):
                last = value["message"].strip().splitlines()[-1]
        for secret in self._hidden:
            last = last.replace(secret, "[secret]")
        match code:
            case 10:
                return f"there is no repository at backup.to: {last}"
            case 11:
                return f"the repository is locked by another run: {last}"
            case 12:
                return "backup.password is not the password of this repository"
            case _:
                return last[:500]


def _values(printed: bytes) -> list[Any]:
    found = []
    for line in printed.splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def settings_error(error: ResticError) -> SettingsError:
    return SettingsError(f"backup: {error}")
