"""What the settings say of people, for every authenticator: names, and who is an administrator."""

from jupyterhub.auth import Authenticator
from tornado.web import HTTPError
from traitlets import Bool, Set, Unicode

from .names import from_email


class Listed(Authenticator):
    """First base of all authenticators of this package."""

    names_from_email = Bool(config=True, help="User names are made from e-mail addresses.")
    email_domains = Set(Unicode(), config=True, help="Domains whose `-` counts as plain in user names.")

    def normalize_username(self, username):
        """The hub's name for somebody. The name of a name is that name: it is asked for more than once."""
        username = username.lower()
        if username in self.username_map:
            return self.username_map[username]
        if self.names_from_email and "@" in username:
            return from_email(username, frozenset(self.email_domains))
        return username

    def require_email(self, username: str) -> str:
        """`username`, if names are not made from addresses or it is one.

        Somebody whose name at the service were `foo-bar--mail-ch` would else be the person with that address.
        """
        if self.names_from_email and "@" not in username and username.lower() not in self.username_map:
            self.log.warning("%r has no e-mail address to make a user name from", username)
            raise HTTPError(403, "Your user name is made from your e-mail address, and there was none.")
        return username

    def is_admin(self, handler, authentication):
        """Who has left the administrators is none at the next login; the hub itself would keep them."""
        return authentication["name"] in self.admin_users
