"""What the settings say of people, for every authenticator: names, and who is an administrator."""

from collections.abc import Mapping
from typing import Any

from jupyterhub.auth import Authenticator
from jupyterhub.handlers import BaseHandler
from tornado.web import HTTPError
from traitlets import Bool, Set, Unicode

from ..jupyterhub_types import AuthModel
from ..names import rule
from ..names.hub_name import from_email, hub_name

CONFIRMED = {
    "email_verified": (True, "true"),
    # Google's older address.
    "verified_email": (True, "true"),
    # Entra ID: whether the owner of the address's domain is known.
    "xms_edov": (True, "true", 1, "1"),
}
"""Claims that say whether an e-mail address is somebody's own, and the values that say yes."""


LISTS = ("allowed_users", "admin_users", "blocked_users", "allow_all", "allow_existing_users")
"""Traits that say who may log in."""


class Listed(Authenticator):
    """First base of all authenticators of this package."""

    names_from_email = Bool(config=True, help="User names are made from e-mail addresses.")
    email_domains = Set(Unicode(), config=True, help="Domains whose `-` stays as it is in user names.")

    # Traits of JupyterHub's, for the type checker.
    allowed_users: set[str]
    admin_users: set[str]
    blocked_users: set[str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._settle_lists()

    def take_lists(self, values: Mapping[str, Any]) -> None:
        """Takes who may log in from other settings, while the hub runs. What these do not name stays."""
        for trait in LISTS:
            if trait in values:
                setattr(self, trait, values[trait])
        self._settle_lists()

    def _settle_lists(self) -> None:
        # The hub does so for the other two lists.
        self.blocked_users = {self.normalize_username(name) for name in self.blocked_users}
        # The hub makes an account for each name in a list: none for people who may not have one.
        self.allowed_users = self._not_blocked(self.allowed_users)
        self.admin_users = self._not_blocked(self.admin_users)

    def _not_blocked(self, names: set[str]) -> set[str]:
        return {name for name in names if self.normalize_username(name) not in self.blocked_users}

    def normalize_username(self, username: str) -> str:
        """The hub's name for somebody. The name of a name is that name: it is asked for more than once."""
        return hub_name(username, self.username_map, self.names_from_email, frozenset(self.email_domains))

    def require_email(self, username: str) -> str:
        """`username`, if names are not made from addresses or it is one.

        Somebody whose name at the service were `foo-bar--mail-ch` would else be the person with that address.
        """
        if self.names_from_email and rule.canonical(username) not in self.username_map:
            try:
                from_email(username)
            except ValueError:
                self.log.warning("%r is not an e-mail address, so no user name can be made from it", username)
                raise HTTPError(
                    403,
                    "This hub makes user names from e-mail addresses; the login service sent none for you.",
                ) from None
        return username

    def require_confirmed(self, claims: Mapping[str, Any], name_claim: str) -> None:
        """Refuses somebody whose name is an e-mail address that the login service does not vouch for.

        A claim that is not there does not say so: many services confirm every address, and send none.
        """
        if not self.is_address(claims, name_claim):
            return
        for claim in sorted(CONFIRMED.keys() & claims.keys()):
            value = claims[claim]
            # Not with `in`: 1 is equal to True.
            if not any(type(value) is type(yes) and value == yes for yes in CONFIRMED[claim]):
                self.log.warning("Refused %.255r: %s is %.32r", claims.get("email"), claim, value)
                raise HTTPError(403, "Your e-mail address is not verified at the login service.")

    def is_address(self, claims: Mapping[str, Any], name_claim: str) -> bool:
        """Whether the claim that somebody's name is made of has their e-mail address."""
        if self.names_from_email or name_claim == "email":
            return True
        name, address = (str(claims.get(claim) or "").strip().lower() for claim in (name_claim, "email"))
        return name == address if address else "@" in name

    def is_admin(self, handler: BaseHandler | None, authentication: AuthModel) -> bool | None:
        """Who is in no list is none; with `allow_existing_users` who was made one in the hub stays one.

        Who has left the list is none already: see withdraw.py.
        """
        if authentication["name"] in self.admin_users:
            return True
        return None if self.allow_existing_users else False

    def settled(self, username: str) -> bool | None:
        """Whether somebody in no list may log in, where that is known without a login; else None."""
        return None

    def approve(self, username: str, approved: bool) -> None:
        """Accounts of the hub's own are approved when their name is in a list, and no more when it leaves."""
