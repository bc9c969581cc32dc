"""Text from outside, such as from the engine or from a server's log, for a line of a log or a terminal."""

import re

LONGEST = 600
"""Characters of a line."""

_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.?)", re.DOTALL)
# Options of a mount have them.
_SECRET = re.compile(r"\b(pass(?:word|wd)?|secret|token)=[^\s,;&\"']+", re.IGNORECASE)


def line(text: str, longest: int = LONGEST) -> str:
    """As one line: without colours and control characters, without values that look secret, not too long."""
    found = " ".join(clean(text).split())
    return found if len(found) <= longest else f"{found[:longest]}…"


def clean(text: str) -> str:
    """The same with its lines."""
    plain = _ESCAPES.sub("", text)
    shown = "".join(one if one.isprintable() or one in "\n\t" else "" for one in plain)
    return _SECRET.sub(r"\1=…", shown)
