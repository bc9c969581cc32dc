"""Names of people and groups as names of folders and volumes, so that none leads out of where it belongs."""

import hashlib
import re
import string

from escapism import escape

LONGEST = 200
"""Bytes. File systems take 255."""

_PLAIN = re.compile(rb"[A-Za-z0-9_.-]")
_HASH = r"[0-9a-f]{64}"
_FOLDER = re.compile(
    r"(?:[A-Za-z0-9_]|%[0-9A-F]{2})(?:[A-Za-z0-9_.-]|%[0-9A-F]{2})*"
    rf"|[A-Za-z0-9_%][A-Za-z0-9_.%-]*%~{_HASH}"
)
_VOLUME = rf"(?:(?:[a-z0-9]|-[0-9a-f]{{2}})+|[a-z0-9-]+--{_HASH})"
_SERVER = re.compile(rf"{_VOLUME}(?:--{_VOLUME})?")


def folder_name(name: str) -> str:
    """The name of a person's or a group's folder. Two names never have one.

    A plain name stays as it is. Of others each byte that is not of A-Z, a-z, 0-9, `_`, `.`, `-`, and a dot or
    hyphen at the beginning, is written as `%` and two hexadecimal digits.
    """
    if not name:
        raise ValueError("expected a name")
    data = name.encode()
    parts = [_escaped(data[:1], plain=data[:1] not in b".-")]
    parts += [_escaped(data[at : at + 1]) for at in range(1, len(data))]
    folder = "".join(parts)
    # No shorter name is that long, and no escaped byte has these characters.
    return _bounded(folder, "%~", data)


def volume_name(name: str) -> str:
    """The part of a volume's name that stands for a group, as DockerSpawner has it for people."""
    data = name.encode()
    return _bounded(escape(name, string.ascii_lowercase + string.digits, "-").lower(), "--", data)


def is_folder_name(text: str) -> bool:
    """Whether `folder_name` makes such names."""
    return len(text) <= LONGEST and _FOLDER.fullmatch(text) is not None


def is_volume_name(text: str) -> bool:
    """Whether `volume_name` makes such names."""
    return len(text) <= LONGEST and re.fullmatch(_VOLUME, text) is not None


def is_server_name(text: str) -> bool:
    """Whether a server may be named so: after its person, and after `--` by its own name."""
    return len(text) <= 2 * LONGEST + 2 and _SERVER.fullmatch(text) is not None


def _bounded(escaped: str, mark: str, data: bytes) -> str:
    if len(escaped) <= LONGEST:
        return escaped
    return f"{escaped[: LONGEST - 66]}{mark}{hashlib.sha256(data).hexdigest()}"


def _escaped(byte: bytes, plain: bool = True) -> str:
    return byte.decode() if plain and _PLAIN.fullmatch(byte) else f"%{byte[0]:02X}"
