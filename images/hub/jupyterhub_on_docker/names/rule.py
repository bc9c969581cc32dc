"""What a user name may be, and what a group's: one rule for all kinds of login.

config/values/names.ts has the same one for the lists of the configuration; test/fixtures/names.json is what
both are held to. docs/login.md tells it to administrators.
"""

import re
import unicodedata
from functools import lru_cache

LONGEST = 255
"""Characters: what the hub's database takes."""

REFUSED = '`"\\/{}'
"""Characters with a meaning in a proxy's rules, in files and templates that names come into, or in paths."""

_KINDS = {
    "Cc": "a control character",
    "Cf": "an invisible format character",
    "Cs": "half of a surrogate pair",
    "Co": "a private-use character",
    "Cn": "a character that Unicode does not define",
    "Zl": "a line separator",
    "Zp": "a paragraph separator",
}

# JupyterHub takes off one layer of percent signs before it looks for names of dots only.
_DOTS = re.compile(r"(\.|%2e)+", re.IGNORECASE)


def canonical(name: str) -> str:
    """The one spelling of a user name: lower case, NFC.

    A name with a letter that this would make an ASCII one stays as it is, so that it is nobody else's, and is
    refused by `problem`.
    """
    if folding(name):
        return name
    before = ""
    while name != before:
        # Composed letters have a lower case that single marks have not: one round is not enough for all.
        before, name = name, unicodedata.normalize("NFC", name.lower())
    return name


def composed(name: str) -> str:
    """The one spelling of a group's name: NFC, with capitals and small letters as they are."""
    return name if folding(name) else unicodedata.normalize("NFC", name)


def problem(name: object) -> str | None:
    """Why this, in its one spelling, can be nobody's user name, as the end of "it …"; None where it can."""
    found = group_problem(name)
    if found or not isinstance(name, str):
        return found
    refused = next((character for character in name if character in REFUSED), None)
    return f"contains the character {refused}" if refused else None


def group_problem(name: object) -> str | None:
    """Why this can be no group's name; None where it can."""
    if not isinstance(name, str):
        return "is not text"
    if not name:
        return "is empty"
    if len(name) > LONGEST:
        return f"is longer than {LONGEST} characters"
    for character in name:
        if kind := _KINDS.get(unicodedata.category(character)):
            return f"contains {kind} (U+{ord(character):04X})"
    if letter := folding(name):
        return f"contains a letter that only looks like one of a-z or a symbol (U+{ord(letter):04X})"
    if _DOTS.fullmatch(name):
        return "consists only of dots"
    if name != name.strip():
        return "begins or ends with a space"
    if unicodedata.normalize("NFC", name) != name:
        return "is not in Unicode's normal form (NFC)"
    return None


def sign_up_problem(name: str) -> str | None:
    """Why nobody can sign up with this name at the hub itself.

    The pages for it have names in addresses as they are, and their table takes 128 characters.
    """
    if found := problem(name):
        return found
    if len(name) > 128:
        return "is longer than 128 characters"
    if all(unicodedata.category(one)[0] in "LMN" or one in "._@+-'~" for one in name):
        return None
    return "contains characters other than letters, digits and . _ @ + - ' ~"


def folding(name: str) -> str | None:
    """The first character that lower case or NFC makes an ASCII one: another person's name would come out."""
    return next((character for character in name if not character.isascii() and _folds(character)), None)


@lru_cache(maxsize=4096)
def _folds(character: str) -> bool:
    return unicodedata.normalize("NFC", character.lower()).isascii() or (
        unicodedata.normalize("NFC", character).isascii()
    )


def shown(name: object) -> str:
    """A name for a sentence or the log: what is invisible or too long would say nothing."""
    text = ascii(name) if isinstance(name, str) and not name.isprintable() else str(name)
    return text if len(text) <= 80 else f"{text[:80]}…"
