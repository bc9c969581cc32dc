"""All that stands before every authenticator, also one of extra configuration, in one list."""

from traitlets.config import Config

from ..config import Settings
from . import every_login, lockout, named


def protect(c: Config, settings: Settings) -> None:
    """Puts it before the configured class. To be called last: nothing else may set the class afterwards."""
    lockout.protect(c, settings)
    named.protect(c)
    every_login.check()
