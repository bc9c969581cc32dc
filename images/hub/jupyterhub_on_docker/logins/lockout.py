"""Refuses logins after failed ones, whatever the authenticator.

Two counts, both of failed logins within a window of time:

- of a user name from an address: at `attempts` the name is refused from this address. Others behind the
  address log in as before, and so does its owner from elsewhere;
- of a user name from all addresses: at ten times `attempts` the name is refused from all addresses but those
  that it logged in from before. So many addresses together cannot guess on, and cannot keep the owner out.

An authenticator may have a third, `name_limit`, of a user name from all addresses, which spares none.

An address is never refused for all names: a whole school may be behind it. Names count whether they exist or
not, so nothing can be learnt from a lockout. An attempt counts when it begins, and is taken back when it
succeeds: many at the same time are no more than one after the other.
"""

import math
from collections.abc import Awaitable, Callable
from typing import Any

from jupyterhub.app import JupyterHub
from jupyterhub.auth import Authenticator
from jupyterhub.handlers import BaseHandler
from tornado.web import HTTPError
from traitlets import Int, TraitError
from traitlets.config import Config

from ..config import Settings
from ..config.auth import PasswordLogin
from ..errors import SettingsError
from ..jupyterhub_types import AuthModel
from ..web.edge_pages import LOCKOUTS, Refusal
from ..web.handlers import HANDLERS
from .failed_logins import Attempt, FailedLogins, RightPassword
from .guard import LONGEST_NAME, LoginGuard, is_text

UNANSWERED = (502, 503, 504)
"""Failures of a login service: no password was tried."""


class LoginLockout(Authenticator):
    """To be put before an authenticator class: counts what it refuses, and refuses what it counted."""

    lockout_attempts = Int(
        10, config=True, help="Failed logins before a name is locked out; 0 for no lockout."
    )
    lockout_window = Int(900, config=True, help="Seconds in which failed logins are counted.")
    lockout_duration = Int(900, config=True, help="Seconds for which logins are refused.")

    _counted: FailedLogins | None = None

    @property
    def _failed_logins(self) -> FailedLogins:
        if self._counted is None:
            limits = self.lockout_attempts, self.lockout_window, self.lockout_duration
            self._counted = FailedLogins(*limits, name_limit=getattr(self, "name_limit", None))
        return self._counted

    def begin_attempt(self, name: str, handler: BaseHandler) -> Attempt:
        """Counts a password that somebody is about to try; HTTPError 429 if no more may be tried."""
        # A name in capitals is the same person's.
        name, address = self.normalize_username(name), handler.request.remote_ip
        if seconds := self._failed_logins.locked_for(name, address):
            minutes = math.ceil(seconds / 60)
            self.log.warning("Login as %.32r from %s refused for another %i s", name, address, seconds)
            error = Refusal(
                f"Too many failed logins. Try again in {minutes} minute{'' if minutes == 1 else 's'}.",
                "Too Many Failed Logins",
                {"Retry-After": str(math.ceil(seconds))},
            )
            LOCKOUTS.put(handler.request, error)
            raise error
        return self._failed_logins.begin(name, address)

    def attempt_succeeded(self, attempt: Attempt) -> None:
        """Says that the password was right; an attempt of which nothing is said has failed."""
        self._failed_logins.succeeded(attempt.name, attempt.address, attempt)

    async def get_authenticated_user(self, handler: BaseHandler, data: object) -> AuthModel | None:
        ask = super().get_authenticated_user
        model: AuthModel | None = await self.counted(handler, data, lambda: ask(handler, data))
        return model

    async def counted(self, handler: BaseHandler, data: object, ask: Callable[[], Awaitable[Any]]) -> Any:
        """What `ask` says of a login: None, or an error, is a failed one."""
        name = data.get("username") if isinstance(data, dict) else None
        # Who logs in elsewhere gives the hub no name: there is nothing to guess here.
        if not isinstance(name, str) or not name:
            return await ask()
        if len(name) > LONGEST_NAME or not is_text(name):
            # Nobody's name: it is not looked up, counted or kept.
            return None
        attempt = self.begin_attempt(name, handler)
        try:
            user = await ask()
        except HTTPError as error:
            if error.status_code in UNANSWERED:
                self._failed_logins.take_back(attempt)
            elif isinstance(error, RightPassword):
                self.attempt_succeeded(attempt)
            raise
        if user is not None:
            self.attempt_succeeded(attempt)
        return user


def protect(c: Config, settings: Settings) -> None:
    """Puts guard and lockout before the configured authenticator class, by class or by entry point."""
    limits = settings.hub.login_lockout
    chosen = configured_class(c)
    # Configuration for the chosen class, its parents and these mixins holds for the class of all.
    bases = (LoginGuard, LoginLockout, chosen)
    own = {"__module__": __name__, "more_handlers": HANDLERS, "protects": chosen}
    c.JupyterHub.authenticator_class = type(f"Guarded{chosen.__name__}", bases, own)
    c.LoginLockout.lockout_attempts = limits.attempts
    c.LoginLockout.lockout_window = limits.window
    c.LoginLockout.lockout_duration = limits.duration
    c.LoginGuard.api_login = isinstance(settings.auth, PasswordLogin) and settings.auth.api_login


def configured_class(c: Config) -> type[Authenticator]:
    """The authenticator class that is configured, by class or by entry point.

    Raises SettingsError where there is no such class.
    """
    chosen = Config(JupyterHub={"authenticator_class": c.JupyterHub.authenticator_class})
    try:
        found: type[Authenticator] = JupyterHub(config=chosen).authenticator_class
    except TraitError as error:
        raise SettingsError(f"JupyterHub.authenticator_class: {error}") from None
    return found
