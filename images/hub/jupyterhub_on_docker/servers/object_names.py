"""Names of people and groups as names of folders and volumes, so that none leads out of where it belongs."""

import base64
import hashlib
import re
import string

from escapism import escape

LONGEST = 200
"""Bytes. File systems take 255."""

LONGEST_VOLUME = 255
"""Bytes of a whole volume's name, which is one of a folder on the Docker host."""

LONGEST_SERVER = 255
"""Characters of a container's name."""

LONGEST_SERVICE = 63
"""Characters of a service's name, which is a label of DNS, and so it is of the address that the proxy has."""

_PLAIN = re.compile(rb"[A-Za-z0-9_.-]")
_HASH = r"[0-9a-f]{64}"
_FOLDER = re.compile(
    r"(?:[A-Za-z0-9_]|%[0-9A-F]{2})(?:[A-Za-z0-9_.-]|%[0-9A-F]{2})*"
    rf"|[A-Za-z0-9_%][A-Za-z0-9_.%-]*%~{_HASH}"
)
_VOLUME = rf"(?:(?:[a-z0-9]|-[0-9a-f]{{2}})+|[a-z0-9-]+--{_HASH})"
_PART = re.compile(r"(?:[a-z0-9]|-[0-9a-f]{2})+")
_SHORT = re.compile(r"[a-z0-9-]*---h[a-z2-7]{20}")
_SERVER = re.compile(rf"{_PART.pattern}(?:--{_PART.pattern})?|{_SHORT.pattern}")


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
    """The part of a volume's name that stands for a group."""
    data = name.encode()
    return _bounded(person_part(name), "--", data)


def person_part(name: str) -> str:
    """What stands for a person, as DockerSpawner has it in all names."""
    return str(escape(name, string.ascii_lowercase + string.digits, "-")).lower()


def personal(template: str, name: str) -> str:
    """`template` with a person in the place of `{username}`: a volume's name, or an option of one.

    What would be too long for a folder of the host is shortened, with a hash that nobody else's name has.
    """
    # Not `format`: options may have braces of their own.
    text = template.replace("{username}", person_part(name))
    if all(len(part) <= LONGEST_VOLUME for part in text.split("/")):
        return text
    return template.replace("{username}", f"{person_part(name)[:62]}--{_hash(name)}")


def server(whole: str, prefix: str, longest: int, person: str, name: str) -> str:
    """The name of a person's container or service: `whole`, or what is short enough and still nobody else's.

    Behind its prefix no name that was not shortened has `---h`: two hyphens stand before a server's own name,
    and all others begin the two hexadecimal digits of a byte.
    """
    if len(whole) <= longest:
        return whole
    digest = base64.b32encode(bytes.fromhex(_hash(f"{person}\0{name}")))[:20].decode().lower()
    mark = f"---h{digest}"
    return whole[: max(longest - len(mark), len(prefix))] + mark


def is_folder_name(text: str) -> bool:
    """Whether `folder_name` makes such names."""
    return len(text) <= LONGEST and _FOLDER.fullmatch(text) is not None


def is_volume_name(text: str) -> bool:
    """Whether `volume_name` makes such names."""
    return len(text) <= LONGEST and re.fullmatch(_VOLUME, text) is not None


def is_server_name(text: str) -> bool:
    """Whether a server may be named so: after its person, and after `--` by its own name."""
    # Older ones were not shortened.
    return len(text) <= 8192 and _SERVER.fullmatch(text) is not None


def is_server_of(rest: str, prefix: str, longest: int, person: str) -> bool:
    """Whether `rest`, behind the prefix, is what `server` makes of some server of a person."""
    part = person_part(person)
    if rest == server(f"{prefix}{part}", prefix, longest, person, "").removeprefix(prefix):
        return True
    named = f"{part}--"
    if rest.startswith(named) and _PART.fullmatch(rest[len(named) :]):
        return len(prefix) + len(rest) <= longest
    # The server's name, which is in the hash, is not known here.
    before, mark, _ = rest.rpartition("---h")
    return mark != "" and _SHORT.fullmatch(rest) is not None and named.startswith(before[: len(named)])


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _bounded(text: str, mark: str, data: bytes) -> str:
    if len(text) <= LONGEST:
        return text
    return f"{text[: LONGEST - 66]}{mark}{hashlib.sha256(data).hexdigest()}"


def _escaped(byte: bytes, plain: bool = True) -> str:
    return byte.decode() if plain and _PLAIN.fullmatch(byte) else f"%{byte[0]:02X}"
