"""Waits for the time of each day's backup. It takes no processor time in between."""

import signal
import sys
import threading
from datetime import UTC, datetime, timedelta

from .run import HOME, back_up, last
from .settings import BackupSettings

OK = HOME / "ok"
"""There while the last good backup is young enough: the container is healthy then."""

TOO_OLD = timedelta(hours=36)
"""Age of the last good backup from which something is wrong: a day, and time for a long run."""

LOOK = 900.0
"""Seconds between two looks at the clock: it may be set, and a machine may sleep."""


def serve(settings: BackupSettings) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    started = datetime.now(UTC)
    while not stop.is_set():
        now = datetime.now(UTC)
        if is_due(settings, now, started):
            say(back_up(settings))
            now = datetime.now(UTC)
        judge(now, started)
        stop.wait(min(LOOK, max(1.0, (next_time(settings, now) - now).total_seconds())))


def is_due(settings: BackupSettings, now: datetime, started: datetime) -> bool:
    """Whether no backup was tried since the last time of day.

    The very first one is not made at once: on a new machine it would be the newest backup, and empty.
    """
    tried = _moment((last() or {}).get("at")) or started
    return tried < next_time(settings, now) - timedelta(days=1)


def next_time(settings: BackupSettings, now: datetime) -> datetime:
    today = datetime.combine(now.date(), settings.at.replace(tzinfo=None), UTC)
    return today if today > now else today + timedelta(days=1)


def judge(now: datetime, started: datetime) -> bool:
    """Notes whether the last good backup is young enough. Returns it."""
    good = _moment((last() or {}).get("lastGood")) or started
    if now - good <= TOO_OLD:
        OK.touch()
        return True
    OK.unlink(missing_ok=True)
    return False


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)


def say(result: dict[str, object]) -> None:
    problem = result["problem"]
    out = sys.stdout if problem is None else sys.stderr
    good = f"backup {result['snapshot']}: {result.get('files')} files, {result['seconds']} s"
    text = good if problem is None else f"backup failed: {problem}"
    print(f"jupyterhub-on-docker: {text}", file=out, flush=True)
