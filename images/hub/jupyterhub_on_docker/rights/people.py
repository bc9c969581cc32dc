"""Who may log in, as an authenticator is configured: names, and rules that nobody can look up in a list."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from jupyterhub.auth import Authenticator

from .listed import Listed

KNOWN = (
    "jupyterhub.",
    "jupyterhub_on_docker.",
    "ldapauthenticator.",
    "ltiauthenticator.",
    "nativeauthenticator.",
    "oauthenticator.",
    "tmpauthenticator.",
)
"""Modules whose ways to let people in are all traits named `allow…`, or below."""

NO_RULES = frozenset(
    {
        "allow_2fa",
        "allow_existing_users",
        "allow_self_approval_for",
        "allowed_failed_logins",
        "allowed_groups",
        "allowed_users",
    }
)
"""Traits named like rules that are none, or that are looked at by themselves."""

IDPS = "idps"
"""Trait with identity providers. One lets people in only by what it has of `IDP_RULES`."""

IDP_RULES = ("allow_all", "allowed_domains")

BOUNDS = (
    "hosted_domain",
    "issuer",
    "lookup_dn_search_filter",
    "tenant_id",
    "user_search_base",
)
"""Traits that narrow whom the other rules are for."""


@dataclass(frozen=True)
class People:
    """The lists, with the hub's names."""

    users: frozenset[str]
    """Who may log in, by name: administrators too."""
    admins: frozenset[str]
    blocked: frozenset[str]

    @classmethod
    def of(cls, authenticator: Authenticator) -> "People":
        """The lists of an authenticator. At a start to be asked before the hub puts other names into them."""

        def names(listed: Iterable[str]) -> frozenset[str]:
            return frozenset(authenticator.normalize_username(name) for name in listed)

        admins = names(authenticator.admin_users)
        return cls(names(authenticator.allowed_users) | admins, admins, names(authenticator.blocked_users))


@dataclass(frozen=True)
class Rules:
    """What lets people in beside names."""

    allow_existing: bool
    groups: frozenset[str]
    """Groups of the hub whose members may log in."""
    admin_groups: frozenset[str]
    others: frozenset[str]
    """Rules that only a login can answer: `allow_all`, organisations, …"""
    sources: frozenset[str]
    """Where people may come from. None lets anybody in by itself; whose has gone has to log in anew."""
    bounds: str
    own: bool
    """Whether only the configuration makes administrators: no code of others does."""

    @classmethod
    def of(cls, authenticator: Authenticator) -> "Rules":
        allowed = _groups(authenticator, "allowed_groups")
        admin = _groups(authenticator, "admin_groups")
        bounds = {name: getattr(authenticator, name, None) for name in BOUNDS}
        kind = _kind(type(authenticator))
        return cls(
            allow_existing=bool(authenticator.allow_existing_users),
            groups=allowed | admin,
            admin_groups=admin,
            others=frozenset(_others(authenticator)),
            sources=frozenset(_sources(authenticator)),
            bounds=f"{kind} {bounds}",
            own=isinstance(authenticator, Listed) and authenticator.post_auth_hook is None,
        )


def _kind(chosen: type) -> str:
    """Name of the class that knows people: what stands before it (../protection.py) changes none of that."""
    while inner := vars(chosen).get("protects"):
        chosen = inner
    return chosen.__name__


def _groups(authenticator: Authenticator, trait: str) -> frozenset[str]:
    """By their names in the hub."""
    name_of = getattr(authenticator, "group_name", str)
    return frozenset(name_of(group) for group in getattr(authenticator, trait, None) or ())


def _others(authenticator: Authenticator) -> Iterator[str]:
    for trait in authenticator.trait_names():
        if trait.startswith("allow") and trait not in NO_RULES:
            yield from _flat(trait, getattr(authenticator, trait))
    for entity, idp in _idps(authenticator).items():
        for rule in IDP_RULES:
            yield from _flat(f"{IDPS}: {entity}: {rule}", idp.get(rule))
    method = type(authenticator).check_allowed
    if not f"{method.__module__}.".startswith(KNOWN):
        yield f"check_allowed: {method.__module__}.{method.__qualname__}"


def _sources(authenticator: Authenticator) -> Iterator[str]:
    for entity, idp in _idps(authenticator).items():
        kept = {key: value for key, value in idp.items() if key not in IDP_RULES}
        yield from _flat(f"{IDPS}: {entity}", kept)


def _idps(authenticator: Authenticator) -> dict[str, dict[str, Any]]:
    return getattr(authenticator, IDPS, None) or {}


def _flat(name: str, value: object) -> Iterator[str]:
    """A rule for each value, so that less can be told from more: `allowed_organizations: physics`."""
    if isinstance(value, dict):
        for key, item in sorted(value.items()):
            yield from _flat(f"{name}: {key}", item)
    elif isinstance(value, list | set | tuple | frozenset):
        for item in value:
            yield from _flat(name, item)
    elif value:
        yield f"{name}: {value}"
