"""Takes away what the configuration no longer gives: one function, at any time, as often as one likes.

It is called when the hub starts, after JupyterHub has given what the configuration gives.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from jupyterhub import orm, roles
from jupyterhub.app import JupyterHub
from sqlalchemy.orm import Session

from . import makers, memory
from .listed import Listed
from .memory import Memory
from .people import People, Rules

log = logging.getLogger("jupyterhub_on_docker.rights")

SERVERS_TOKEN_TIME = timedelta(seconds=5)
"""A server's own token is made at the server's start, in no more time than this."""


@dataclass(frozen=True)
class Withdrawn:
    """What somebody has lost."""

    name: str
    what: str
    """`access` or `administrator`, or a group or role, with its name."""


def withdraw(app: JupyterHub, people: People) -> list[Withdrawn]:
    """Makes the database agree with the lists, and with the authenticator's other rules.

    `app` is JupyterHub's application, its authenticator as configured. People who are in no list and that no
    rule lets in lose their tokens, sessions, roles and shares; who is an administrator by no rule loses that
    and their sessions. With `allow_existing_users` only names are taken that came from the configuration.
    Returns what was taken, for the log.
    """
    return _Withdrawal(app, people).run()


def may_have_server(app: JupyterHub, people: People, name: str) -> bool:
    """Whether a server of somebody's may run: not if it is sure that they may not log in.

    To be asked after `withdraw`. The hub need not know the name.
    """
    return _Withdrawal(app, people).may_have_server(name)


class _Withdrawal:
    def __init__(self, app: JupyterHub, people: People) -> None:
        self.app = app
        self.db = app.db
        self.authenticator = app.authenticator
        self.rules = Rules.of(app.authenticator)
        self.people = people
        named = {self.authenticator.normalize_username(name) for name in _specs(app, "admin", "users")}
        self.admins = people.admins | named
        self.before = memory.load(self.db)
        self.taken: list[Withdrawn] = []
        self.stop: set[str] = set(self.before.stop) if self.before else set()
        self.left: dict[str, str] = {}

    def run(self) -> list[Withdrawn]:
        for user in self.db.query(orm.User).all():
            self._person(user)
        self._groups()
        self._default_roles()
        self._configured_tokens()
        memory.save(self.db, self._now())
        self.db.commit()
        self._tell_authenticator()
        for one in self.taken:
            log.warning("%s loses: %s", one.name, one.what)
        return self.taken

    def may_have_server(self, name: str) -> bool:
        if not self.authenticator.validate_username(name):
            return False
        user = orm.User.find(self.db, name)
        if user is not None:
            return self._may_stay(user, frozenset(group.name for group in user.groups)) is not False
        if name in self.people.blocked:
            return False
        if name in self.people.users:
            return True
        known = self.authenticator.settled(name) if isinstance(self.authenticator, Listed) else None
        # Groups come with a login, too.
        return bool(self.rules.others or self.rules.groups) if known is None else known

    def _tell_authenticator(self) -> None:
        self.authenticator.admin_users = set(self.people.admins)
        self.authenticator.blocked_users = set(self.people.blocked)
        # The hub has put all into its list that it knows of, where those may log in.
        known = self.authenticator.allowed_users if self.rules.allow_existing else ()
        self.authenticator.allowed_users = {*known, *self.people.users} - set(self.left)

    def _person(self, user: orm.User) -> None:
        groups = frozenset(group.name for group in user.groups)
        may_stay = self._may_stay(user, groups)
        if user.admin and not (may_stay and self._may_manage(user, groups)):
            self._no_administrator(user)
        if may_stay:
            self.stop.discard(user.name)
        elif revoke(self.db, user, keep_server=may_stay is None):
            self.taken.append(Withdrawn(user.name, "access"))
        if may_stay is False and any(spawner.server for spawner in user.orm_spawners.values()):
            self.stop.add(user.name)

    def _may_stay(self, user: orm.User, groups: frozenset[str]) -> bool | None:
        """Whether somebody may be logged in; None if only a new login can tell."""
        name, before = user.name, self.before
        if name in self.people.blocked:
            return False
        if name in self.people.users:
            if before and name in before.left:
                self._approve(name, True)
            return True
        leaves = self._leaves(user)
        left = leaves or (before is not None and before.left.get(name) == _made(user))
        if left:
            self.left[name] = _made(user)
        if groups & self.rules.groups:
            return True
        if leaves and self.before is not None:
            # Else it is not known what the approval came with.
            self._approve(name, False)
        known = self.authenticator.settled(name) if isinstance(self.authenticator, Listed) else None
        if known is not None:
            return known
        if self.rules.allow_existing and not left:
            return True
        if self.rules.others:
            return None if leaves or self._narrowed() or groups & self._groups_gone() else True
        return False

    def _leaves(self, user: orm.User) -> bool:
        """Whether somebody was in the lists when the hub looked last."""
        if self.before is not None:
            return user.name in self.before.users
        # Versions that did not remember: only a list made somebody an administrator for longer than a login.
        return bool(user.admin) and self.rules.own and not self.rules.allow_existing

    def _narrowed(self) -> bool:
        before = self.before
        return before is not None and (
            bool(before.rules - self.rules.others - self.rules.sources) or before.bounds != self.rules.bounds
        )

    def _groups_gone(self) -> frozenset[str]:
        """Groups whose members might log in when the hub looked last."""
        return self.before.group_rules - self.rules.groups if self.before else frozenset()

    def _may_manage(self, user: orm.User, groups: frozenset[str]) -> bool:
        if user.name in self.admins or groups & self.rules.admin_groups:
            return True
        if self.before is None:
            return not self.rules.own
        if self.rules.allow_existing or not self.rules.own:
            # An administrator has made them one, or code of others has.
            return user.name not in self.before.admins
        return False

    def _no_administrator(self, user: orm.User) -> None:
        user.admin = False
        for role in [role for role in user.roles if role.name == "admin"]:
            user.roles.remove(role)
        end_sessions(self.db, user)
        for token in makers.made_for_others(self.db, user):
            self.db.delete(token)
        self.taken.append(Withdrawn(user.name, "administrator"))

    def _approve(self, name: str, approved: bool) -> None:
        """Accounts whose approval came with a name in a list lose it, and have it again, with the name."""
        if isinstance(self.authenticator, Listed):
            self.authenticator.approve(name, approved)

    def _groups(self) -> None:
        """Members of groups by an earlier configuration, or by a login service that is asked no more."""
        if self.before is None:
            return
        now = self._loaded_groups()
        no_more_asked = self.before.manages_groups and not self.authenticator.manage_groups
        for group in self.db.query(orm.Group):
            was = self.before.groups.get(group.name, frozenset())
            for user in list(group.users):
                if user.name in now.get(group.name, ()):
                    continue
                if no_more_asked or user.name in was:
                    group.users.remove(user)
                    self.taken.append(Withdrawn(user.name, f"group {group.name}"))

    def _loaded_groups(self) -> dict[str, frozenset[str]]:
        def members(contents: list[str] | dict[str, Any]) -> frozenset[str]:
            names = contents if isinstance(contents, list) else contents.get("users", [])
            return frozenset(self.authenticator.normalize_username(name) for name in names)

        return {name: members(contents) for name, contents in self.app.load_groups.items()}

    def _default_roles(self) -> None:
        """JupyterHub takes its own roles from nobody, where the configuration has them no more."""
        if self.before is None:
            return
        for name, bearers in self.before.roles.items():
            role = orm.Role.find(self.db, name)
            if role is None:
                continue
            for kind, names in bearers.items():
                for bearer in list(getattr(role, kind)):
                    if bearer.name in names - _specs(self.app, name, kind):
                        getattr(role, kind).remove(bearer)
                        if kind == "services" and name == "admin":
                            bearer.admin = False
                        self.taken.append(Withdrawn(bearer.name, f"role {name}"))

    def _configured_tokens(self) -> None:
        """Tokens that the configuration had, of services above all: a new one is put beside the old."""
        current = {**self.app.service_tokens, **self.app.api_tokens}
        for token in self.db.query(orm.APIToken).filter(orm.APIToken.note == "from config"):
            # Hashing is slow on purpose.
            alike = [text for text in current if text.startswith(token.prefix)]
            if not any(token.match(text) for text in alike):
                owner = token.service or token.user
                self.db.delete(token)
                self.taken.append(Withdrawn(owner.name if owner else "?", "a token of the configuration"))

    def _now(self) -> Memory:
        own_roles = [spec["name"] for spec in roles.get_default_roles()]
        return Memory(
            users=self.people.users,
            admins=self.admins,
            rules=self.rules.others | self.rules.sources,
            group_rules=self.rules.groups,
            bounds=self.rules.bounds,
            manages_groups=self.authenticator.manage_groups,
            groups=self._loaded_groups(),
            roles={
                name: {kind: _specs(self.app, name, kind) for kind in ("groups", "services")}
                for name in own_roles
            },
            left=self.left,
            stop=frozenset(self.stop),
        )


def _specs(app: JupyterHub, role: str, kind: str) -> frozenset[str]:
    """Who has a role by the configuration."""
    specs = [spec for spec in app.load_roles if spec["name"] == role]
    return frozenset(name for spec in specs for name in spec.get(kind, ()))


def _made(user: orm.User) -> str:
    return user.created.isoformat() if user.created else ""


def end_sessions(db: Session, user: orm.User) -> None:
    """Logs somebody out everywhere. Their own API tokens stay, with the rights that they have."""
    user.cookie_id = orm.new_token()
    for code in list(user.oauth_codes):
        db.delete(code)
    for token in list(user.api_tokens):
        # What is not the hub's own was made when they opened a server or a service.
        if token.client_id != "jupyterhub":
            db.delete(token)


def revoke(db: Session, user: orm.User, keep_server: bool = False) -> bool:
    """Takes from somebody who may not log in all that they could go on with: tokens, sessions, roles, shares.

    Tokens that they made for other people are among it.
    With `keep_server` the token of their running server stays: it can tell that somebody works with it, and
    nothing else. Returns whether there was anything.
    """
    tokens = [token for token in user.api_tokens if not (keep_server and _is_servers(token, user))]
    shares = [*user.shared_with_me, *user.shares, *user.share_codes]
    found = [*tokens, *user.oauth_codes, *shares]
    # A login gives the role `user`: without it there has been none since. Others are the configuration's.
    given = [role for role in user.roles if role.name in ("admin", "user")]
    if not found and not given:
        return False
    user.cookie_id = orm.new_token()
    for role in given:
        user.roles.remove(role)
    for one in [*found, *makers.made_for_others(db, user)]:
        db.delete(one)
    return True


def _is_servers(token: orm.APIToken, user: orm.User) -> bool:
    """Whether a token is a running server's own, by what it may do and when it was made."""
    own = f"access:servers!server={user.name}/"
    if not all(scope == "users:activity!user" or scope.startswith(own) for scope in token.scopes):
        return False
    starts = [spawner.started for spawner in user.orm_spawners.values() if spawner.server and spawner.started]
    return any(start <= token.created <= start + SERVERS_TOKEN_TIME for start in starts)
