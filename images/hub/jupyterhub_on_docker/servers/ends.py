"""How a server ended, from what the engine tells of its container. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .failures import ASK, Circumstances, Reason, explain_text
from .texts import clean

LINES = 200
LOG_BYTES = 16 * 1024
"""What is kept of the log of a server that ended."""

KILLED = 137
"""Exit code of a process that was killed: 128 and SIGKILL."""

TERMINATED = (130, 143)
"""Of one that was told to end: SIGINT, SIGTERM."""

AGAIN = "Files in your home are kept, unsaved work is lost. Start your server again."

_NO_PROCESS = re.compile(
    r"can't start new thread|Resource temporarily unavailable|fork: retry", re.IGNORECASE
)
# Docker's own init starts without an error in any case: only its log tells that the program is missing.
_NO_PROGRAM = re.compile(r"^\[FATAL tini \(\d+\)\] exec (.+) failed: (.+)$", re.MULTILINE)
_NO_SPACE = re.compile(r"No space left on device|Disk quota exceeded", re.IGNORECASE)
_UNITS = ((1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB"))


def last_lines(log: bytes | str) -> list[str]:
    """The end of a log, for a terminal: what a server writes is its person's."""
    text = log.decode(errors="replace") if isinstance(log, bytes) else log
    return clean(text[-LOG_BYTES:]).splitlines()[-LINES:]


def of_container(container: Mapping[str, Any], log: Sequence[str], where: Circumstances) -> Reason:
    """Why a container ended by itself."""
    state, host = container["State"], container.get("HostConfig") or {}
    return of_exit(
        int(state.get("ExitCode") or 0),
        log,
        where,
        killed_for_memory=bool(state.get("OOMKilled")),
        problem=state.get("Error") or "",
        memory=int(host.get("Memory") or 0),
        processes=int(host.get("PidsLimit") or 0),
    )


def of_exit(
    code: int,
    log: Sequence[str],
    where: Circumstances,
    *,
    killed_for_memory: bool | None = False,
    problem: str = "",
    memory: int = 0,
    processes: int = 0,
) -> Reason:
    """`killed_for_memory`: the kernel has killed a process of it; None where the engine does not say.

    `memory` in bytes, 0 for no limit.
    """
    said = "\n".join(log)
    ended = f"exit code {code}"
    if killed_for_memory and code == KILLED:
        limit = f" ({size(memory)})" if memory else ""
        return Reason(
            f"Your server was killed because it used all of its memory{limit}. {AGAIN} "
            "Load less data at once, or ask an administrator for a higher limit.",
            f"killed for memory: the limit{limit} was reached (OOMKilled, {ended})",
        )
    if problem:
        reason = explain_text(problem, where)
        return Reason(reason.sentence, f"{reason.detail} ({ended})")
    if missing := _NO_PROGRAM.search(said):
        reason = explain_text(f"executable file not found: {missing[1]}: {missing[2]}", where)
        return Reason(reason.sentence, f"{reason.detail} ({ended})")
    if code == 0:
        return Reason("", "ended by itself (exit code 0), as when its user shuts it down")
    # Of a process that ended for it: the kernel kills another one than the server first.
    also = ", after a process in it was killed for memory (OOMKilled)" if killed_for_memory else ""
    if _NO_PROCESS.search(said):
        limit = f" ({processes})" if processes > 0 else ""
        return Reason(
            f"Your server ended because it could not start another process: its limit{limit} was reached. "
            f"{AGAIN} Run fewer processes at once, or ask an administrator for a higher limit.",
            f"ended at the limit of processes{limit}, by its log ({ended}){also}",
        )
    if _NO_SPACE.search(said):
        return Reason(
            "Your server ended because a disk is full. Delete files that you do not need, or ask an "
            "administrator for more space.",
            f"ended for a full disk, by its log ({ended}){also}",
        )
    if code == KILLED and killed_for_memory is None:
        limit = f" ({size(memory)})" if memory else ""
        return Reason(
            f"Your server was killed, most likely because it used all of its memory{limit}. {AGAIN}",
            f"killed ({ended}), most likely at its limit of memory{limit}; dmesg on its node says why",
        )
    if code == KILLED:
        return Reason(
            f"Your server was killed, perhaps because its host ran out of memory. {AGAIN}",
            f"killed from outside ({ended}, not by its own memory limit): by the host for memory "
            "(see dmesg on the Docker host), or by docker kill",
        )
    if code in TERMINATED:
        return Reason(
            f"Your server was stopped from outside the hub. {AGAIN}",
            f"told to stop by somebody else than the hub ({ended}): docker stop, or a restart of the host",
        )
    return Reason(
        f"Your server ended with an error (exit code {code}). {AGAIN} "
        "If it happens again, ask an administrator.",
        f"ended with an error ({ended}){also}",
    )


GONE = Reason(
    f"Your server is gone: its container was removed. {AGAIN}",
    "its container was removed by somebody else than the hub, and its log with it",
)


def stopped(container: Mapping[str, Any]) -> Reason:
    """Of a server that the hub stopped."""
    state = container["State"]
    also = ". A process in it was killed for memory before (OOMKilled)" if state.get("OOMKilled") else ""
    return Reason("", f"stopped by the hub (exit code {int(state.get('ExitCode') or 0)}){also}")


def never_answered(reason: Reason) -> Reason:
    """Of one that ended while the hub waited for its first answer."""
    return Reason(
        reason.sentence or f"Your server ended before it answered. {ASK}",
        f"ended before it answered: {reason.detail}",
    )


def size(count: int) -> str:
    """Bytes for people."""
    for unit, name in _UNITS:
        if count >= unit:
            return f"{count / unit:.4g} {name}"
    return f"{count} bytes"
