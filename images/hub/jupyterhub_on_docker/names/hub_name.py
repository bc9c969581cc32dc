"""User names from e-mail addresses: the same for a person for ever, and never the same for two.

Most addresses give plain names: `Foo.Bar@mail.ch` is `foo-bar--mail-ch`. A plain name stands for
one address, the one with a `.` wherever the name has a `-`. Every other address that would get it
(`foo-bar@mail.ch`), and every one whose name would be too long, gets a short hash behind a `_`,
which no plain name has. So no list of names has to be kept, and a hub whose database is lost gives
everybody the same name again.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache

from . import rule

MAX_LENGTH = 31
"""Characters: what `useradd` takes, and leaves room in the names of volumes and containers."""

HASH_LENGTH = 8
"""Characters of base 32, so 40 bits; `_hash` makes each guess of them dear."""

COST = 2**12
"""Of scrypt: 4 MB and about 10 ms for each new address that needs a hash."""


def hub_name(
    name: str, map: Mapping[str, str], from_emails: bool, domains: frozenset[str] = frozenset()
) -> str:
    """The hub's name for who has this name at the login service, or in a list of the configuration.

    `map` has the names of single people, under the one spelling of what the service calls them. The name of a
    name is that name: it is asked for more than once.
    """
    name = rule.canonical(name)
    if name in map:
        return rule.canonical(map[name])
    if from_emails and "@" in name:
        # What is no address is nobody's name: it stays what it is, and is not allowed.
        with suppress(ValueError):
            return from_email(name, domains)
    return name


def from_email(address: str, domains: frozenset[str] = frozenset()) -> str:
    """The user name for an e-mail address.

    `domains` are those whose `-` counts as plain: nobody has an address in the one with a `.` in its place.
    Raises ValueError where the text is no address.
    """
    address = address.strip().lower()
    local, at, domain = address.rpartition("@")
    if not (local and at and domain):
        raise ValueError("not an e-mail address")
    before = _slug(local.replace(",", "").replace(" ", "").replace("@", "--"))
    after = "--" + _slug(domain)
    if _is_plain(local, domain, domains) and len(before + after) <= MAX_LENGTH:
        return before + after
    ending = "_" + _hash(address)
    # As much of the person as fits, but one character at least; then as much of the domain.
    before = before[: max(1, MAX_LENGTH - len(ending) - len(after))]
    return (before + ending + after)[:MAX_LENGTH].rstrip("-")


def _is_plain(local: str, domain: str, domains: frozenset[str]) -> bool:
    if not re.fullmatch(r"[a-z0-9]+(\.[a-z0-9]+)*", local):
        return False
    if domain in domains:
        return True
    # A listed domain has its name for itself.
    if _slug(domain) in {_slug(one) for one in domains}:
        return False
    return re.fullmatch(r"[a-z0-9]+(\.[a-z0-9]+)*", domain) is not None


def _slug(text: str) -> str:
    slug = re.sub(r"[^a-z0-9-]", "-", text.replace(".", "-")).strip("-")
    return slug or "x"


@lru_cache(maxsize=4096)
def _hash(address: str) -> str:
    # Slow and in need of memory on purpose: 40 bits would be tried through in minutes with a plain hash.
    digest = hashlib.scrypt(address.encode(), salt=b"jupyterhub user name", n=COST, r=8, p=1, dklen=5)
    return base64.b32encode(digest).decode().lower()[:HASH_LENGTH]
