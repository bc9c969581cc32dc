"""One backup, and what is known of the last one."""

import fcntl
import json
import os
import re
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .. import database, paths
from ..config import Sqlite
from ..errors import SettingsError
from ..secrets import Secrets
from .restic import INCOMPLETE, TAG, Restic, ResticError, settings_error
from .settings import BackupSettings

HOME = Path("/srv/backup")
LAST = HOME / "last.json"
"""What came of the last backup."""

STACK = HOME / "stack"
"""State, passphrase and configuration of the stack, as `./up` and `./hub backup` have left them here."""

DATABASE = HOME / "database" / "hub.sqlite"
RESTORED = HOME / "restored"

SQLITE = "jupyterhub.sqlite"
"""The hub's own file: it is written to, and saved as a copy of one moment."""


@contextmanager
def alone() -> Iterator[None]:
    """One run at a time. Another one waits."""
    with (HOME / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def restic(settings: BackupSettings) -> Restic:
    return Restic(settings, str(HOME / "cache"))


def back_up(settings: BackupSettings) -> dict[str, Any]:
    """Makes a backup. Returns what came of it, which is noted as well, what went wrong included."""
    with alone():
        began = time.monotonic()
        at = datetime.now(UTC).isoformat(timespec="seconds")
        result: dict[str, Any] = {"version": 1, "at": at, "problem": None, "snapshot": None}
        skipped: list[str] = []
        try:
            result |= _saved(settings, skipped)
        except (ResticError, SettingsError, OSError) as error:
            result["problem"] = str(error).splitlines()[0]
        result |= {"seconds": round(time.monotonic() - began, 1), "skipped": skipped}
        before = last()
        good = at if result["problem"] is None else (before or {}).get("lastGood")
        result["lastGood"] = good
        _note(result)
        return result


def _saved(settings: BackupSettings, skipped: list[str]) -> dict[str, Any]:
    _copy_database(settings)
    tool = restic(settings)
    tool.open()
    data = Path(settings.engine_volumes) / settings.data / "_data"
    wanted = [*_people(settings, skipped), data]
    wanted += [DATABASE] if DATABASE.exists() else []
    wanted += [Path(settings.tree)] if settings.tree else []
    wanted += [STACK] if STACK.exists() else []
    live = re.sub(r"([\\*?\[])", r"\\\1", str(data / SQLITE))
    code, said = tool.run(
        *("backup", "--tag", TAG, "--host", settings.host, "--exclude", f"{live}*"),
        # Not without caches: with one file, anybody could take a shared folder out of all backups.
        *("--one-file-system", *map(str, wanted)),
        accept=(0, INCOMPLETE),
    )
    summaries = [one for one in said if one.get("message_type") == "summary"]
    summary = summaries[-1] if summaries else {}
    keep = settings.keep
    tool.run(
        *("forget", "--tag", TAG, "--host", settings.host, "--group-by", "host,tags", "--prune"),
        *("--keep-daily", str(keep.daily), "--keep-weekly", str(keep.weekly)),
        # Those that somebody has just made by hand are not the last of their day.
        *("--keep-monthly", str(keep.monthly), "--keep-last", "1", "--keep-within", "1d"),
    )
    incomplete = "some files could not be read: see the log of the backup's container"
    return {
        "problem": incomplete if code == INCOMPLETE else None,
        "snapshot": str(summary.get("snapshot_id", ""))[:8] or None,
        "files": summary.get("total_files_processed"),
        "bytes": summary.get("total_bytes_processed"),
        "added": summary.get("data_added_packed", summary.get("data_added")),
    }


def _copy_database(settings: BackupSettings) -> None:
    DATABASE.parent.mkdir(mode=0o700, exist_ok=True)
    if isinstance(settings.database, Sqlite):
        file = Path(settings.database.path)
        if not os.path.lexists(file):
            # The stack's first hub has not made it yet, or it was moved to PostgreSQL and then removed.
            DATABASE.unlink(missing_ok=True)
            return
        # The hub writes there, and whoever took it over: a link or a pipe would lead this program elsewhere.
        for part in (file.with_name(file.name + end) for end in ("", "-journal", "-wal", "-shm")):
            if os.path.lexists(part) and not stat.S_ISREG(part.lstat().st_mode):
                raise SettingsError(f"database: expected {part.name} to be a file of the hub's own")
    database.dump(database.address(settings.database, Secrets(paths.SECRETS)), DATABASE)


def _people(settings: BackupSettings, skipped: list[str]) -> list[Path]:
    """Folders of people's volumes that the engine has itself."""
    patterns = [_pattern(name) for name in settings.volumes]
    found = []
    for volume in sorted(Path(settings.engine_volumes).iterdir()):
        if not any(pattern.fullmatch(volume.name) for pattern in patterns):
            continue
        # The engine notes a volume's options beside its folder: what it mounts for its users is elsewhere.
        if _is_mounted_on_use(volume):
            skipped.append(f"{volume.name}: its files are not on the Docker host")
        elif (volume / "_data").is_dir():
            found.append(volume / "_data")
    return found


def _is_mounted_on_use(volume: Path) -> bool:
    try:
        options = json.loads((volume / "opts.json").read_text())
    except (OSError, ValueError):
        return False
    return isinstance(options, dict) and bool(options.get("MountType") or options.get("MountDevice"))


def _pattern(name: str) -> re.Pattern[str]:
    parts = re.split(r"\{username\}|\{folder\}", name)
    return re.compile("[A-Za-z0-9_.-]+".join(re.escape(part) for part in parts))


def last() -> dict[str, Any] | None:
    """What came of the last backup; None for none yet."""
    try:
        found = json.loads(LAST.read_text())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _note(result: dict[str, Any]) -> None:
    part = LAST.with_name("last.json.part")
    part.write_text(json.dumps(result))
    os.replace(part, LAST)


def listed(settings: BackupSettings) -> list[dict[str, Any]]:
    """The backups that there are, the newest first."""
    try:
        found = restic(settings).snapshots()
    except ResticError as error:
        raise settings_error(error) from None
    return [
        {"id": one.get("short_id"), "time": one.get("time"), "paths": one.get("paths", [])}
        for one in reversed(found)
    ]


def restore(settings: BackupSettings, snapshot: str, folder: str) -> dict[str, Any]:
    """Brings a folder of a backup back into a place of its own in this container. Returns where."""
    with alone():
        forget()
        if not re.fullmatch(r"[0-9a-f]{8,64}", snapshot):
            raise SettingsError(f"backup: expected the id of a backup, got {snapshot!r}")
        RESTORED.mkdir(mode=0o700)
        try:
            restic(settings).run("restore", f"{snapshot}:{folder}", "--target", str(RESTORED), "--sparse")
        except ResticError as error:
            forget()
            raise settings_error(error) from None
        return {"folder": str(RESTORED)}


def forget() -> None:
    """Removes what was restored last."""
    shutil.rmtree(RESTORED, ignore_errors=True)
