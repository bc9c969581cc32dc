"""What every login has to pass, whichever authenticator answers it.

An authenticator may hold others: its handlers then ask those, and nothing that stands before the hub's own.
All handlers of JupyterHub have two methods in common that a login goes through: the checks are put there.
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from jupyterhub.handlers import BaseHandler
from jupyterhub.user import User
from jupyterhub.utils import maybe_future
from tornado.web import HTTPError

from ..jupyterhub_types import AuthModel
from ..names import rule
from .guard import is_usable
from .lockout import LoginLockout
from .named import Named, refuse

Method = Callable[..., Awaitable[Any]]
"""Of JupyterHub's handlers."""


def check() -> None:
    """Puts the checks into JupyterHub's handlers; once is enough, and more change nothing."""
    if not hasattr(BaseHandler.authenticate, "__wrapped__"):
        BaseHandler.authenticate = _counted(BaseHandler.authenticate)
        BaseHandler.auth_to_user = _named(BaseHandler.auth_to_user)


def _counted(authenticate: Method) -> Method:
    @wraps(authenticate)
    async def checked(handler: BaseHandler, data: Any) -> Any:
        own = handler.settings["authenticator"]
        if handler.authenticator is own or not isinstance(own, LoginLockout):
            return await maybe_future(authenticate(handler, data))
        if isinstance(data, dict) and not is_usable(data):
            return None
        return await own.counted(handler, data, lambda: maybe_future(authenticate(handler, data)))

    return checked


def _named(auth_to_user: Method) -> Method:
    @wraps(auth_to_user)
    async def checked(handler: BaseHandler, authenticated: AuthModel | str, user: User | None = None) -> Any:
        own = handler.settings["authenticator"]
        if user is None and isinstance(own, Named):
            name = authenticated["name"] if isinstance(authenticated, dict) else authenticated
            refuse(name)
            if own.normalize_username(name) in own.blocked_users:
                raise HTTPError(403, f"{rule.shown(name)} may not log in to this hub.")
        return await auth_to_user(handler, authenticated, user)

    return checked
