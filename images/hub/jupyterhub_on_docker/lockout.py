"""Refuses logins after failed ones, whatever the authenticator.

Two counts, both of failed logins within a window of time:

- of a user name from an address: at `attempts` the name is refused from this address. Others behind the
  address log in as before, and so does its owner from elsewhere;
- of a user name from all addresses: at ten times `attempts` the name is refused from all addresses but those
  that it logged in from before. So many addresses together cannot guess on, and cannot keep the owner out.

An address is never refused for all names: a whole school may be behind it. Names count whether they exist or
not, so nothing can be learnt from a lockout. Counts are in memory, for a bounded number of names.
"""

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable

from jupyterhub.app import JupyterHub
from jupyterhub.auth import Authenticator
from tornado.web import HTTPError
from traitlets import Int, TraitError
from traitlets.config import Config

from .config import Settings
from .errors import SettingsError

EVERYWHERE_FACTOR = 10
"""How many times `attempts` lock a name for all addresses."""

LARGEST = 20_000
"""Counts, and names with known addresses, that are kept; the oldest go first."""

KNOWN_ADDRESSES = 20
"""Addresses that are known of a name."""


Clock = Callable[[], float]


class FailedLogins:
    """Counts failed logins. Times are seconds of `clock`."""

    def __init__(self, attempts: int, window: int, duration: int, clock: Clock = time.monotonic):
        self._attempts = attempts
        self._window = window
        self._duration = duration
        self._clock = clock
        self._failures: OrderedDict[tuple, deque[float]] = OrderedDict()
        self._locked: OrderedDict[tuple, float] = OrderedDict()
        self._known: OrderedDict[str, deque[str]] = OrderedDict()

    def locked_for(self, name: str, address: str) -> float:
        """Seconds for which this name is refused from this address; 0 if it is not."""
        keys = [(name, address)] if address in self._known.get(name, ()) else [(name, address), (name,)]
        now = self._clock()
        return max(0.0, *(self._locked.get(key, now) - now for key in keys))

    def failed(self, name: str, address: str) -> None:
        for key, limit in (((name, address), self._attempts), ((name,), self._attempts * EVERYWHERE_FACTOR)):
            now = self._clock()
            times = self._failures.setdefault(key, deque(maxlen=limit))
            times.append(now)
            self._failures.move_to_end(key)
            if len(times) == limit and times[0] > now - self._window:
                self._locked[key] = now + self._duration
                self._locked.move_to_end(key)
                del self._failures[key]
        _shorten(self._failures)
        _shorten(self._locked)

    def succeeded(self, name: str, address: str) -> None:
        self._failures.pop((name, address), None)
        addresses = self._known.setdefault(name, deque(maxlen=KNOWN_ADDRESSES))
        if address not in addresses:
            addresses.append(address)
        self._known.move_to_end(name)
        _shorten(self._known)


def _shorten(entries: OrderedDict) -> None:
    while len(entries) > LARGEST:
        entries.popitem(last=False)


class LoginLockout(Authenticator):
    """To be put before an authenticator class: counts what it refuses, and refuses what it counted."""

    lockout_attempts = Int(10, config=True, help="Failed logins after which a name is refused.")
    lockout_window = Int(900, config=True, help="Seconds in which failed logins are counted.")
    lockout_duration = Int(900, config=True, help="Seconds for which logins are refused.")

    _failed_logins: FailedLogins | None = None

    async def get_authenticated_user(self, handler, data):
        name = data.get("username") if isinstance(data, dict) else None
        # Who logs in elsewhere gives the hub no name: there is nothing to guess here.
        if not name:
            return await super().get_authenticated_user(handler, data)
        if self._failed_logins is None:
            limits = self.lockout_attempts, self.lockout_window, self.lockout_duration
            self._failed_logins = FailedLogins(*limits)
        # A name in capitals is the same person's.
        name, address = self.normalize_username(name), handler.request.remote_ip
        if seconds := self._failed_logins.locked_for(name, address):
            minutes = math.ceil(seconds / 60)
            self.log.warning("Login as %.32r from %s refused for another %i s", name, address, seconds)
            error = HTTPError(
                429,
                f"Too many failed logins. Try again in {minutes} minute{'' if minutes == 1 else 's'}.",
                reason="Too Many Failed Logins",
            )
            # The page of an error begins with no headers, and takes these.
            error.headers = {"Retry-After": str(math.ceil(seconds))}
            raise error
        user = await super().get_authenticated_user(handler, data)
        if user is None:
            self._failed_logins.failed(name, address)
        else:
            self._failed_logins.succeeded(name, address)
        return user


def protect(c: Config, settings: Settings) -> None:
    """Puts the lockout before the authenticator class that is configured, by class or by entry point."""
    limits = settings.hub.login_lockout
    if limits.attempts == 0:
        return
    chosen = _authenticator_class(c)
    # Configuration for the chosen class, its parents and this mixin holds for the class of both.
    c.JupyterHub.authenticator_class = type(f"Lockout{chosen.__name__}", (LoginLockout, chosen), {})
    c.LoginLockout.lockout_attempts = limits.attempts
    c.LoginLockout.lockout_window = limits.window
    c.LoginLockout.lockout_duration = limits.duration


def _authenticator_class(c: Config) -> type[Authenticator]:
    chosen = Config(JupyterHub={"authenticator_class": c.JupyterHub.authenticator_class})
    try:
        return JupyterHub(config=chosen).authenticator_class
    except TraitError as error:
        raise SettingsError(f"JupyterHub.authenticator_class: {error}") from None
