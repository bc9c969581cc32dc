"""The rule for names, put before every authenticator: also before one that is configured in Python."""

import logging
from typing import Any
from urllib.parse import unquote

from jupyterhub.app import JupyterHub
from jupyterhub.auth import Authenticator
from jupyterhub.handlers import BaseHandler
from jupyterhub.handlers.base import UserUrlHandler
from jupyterhub.user import User
from jupyterhub.utils import maybe_future, url_escape_path
from tornado.web import HTTPError
from traitlets.config import Config

from ..jupyterhub_types import AuthModel, Handlers
from ..names import rule
from .lockout import configured_class


class OtherSpelling(UserUrlHandler):
    """Addresses of servers in another spelling (`o'brien` for `o%27brien`), as programs for mail make them.

    The proxy has routes for JupyterHub's own only, and the hub would send people there and back.
    """

    async def prepare(self) -> None:
        start = f"{self.hub.base_url}user/"
        name, slash, rest = self.request.path.removeprefix(start).partition("/")
        spelt = url_escape_path(unquote(name))
        if spelt.lower() == name.lower() or self.request.method not in ("GET", "HEAD"):
            await super().prepare()
            return
        query = f"?{self.request.query}" if self.request.query else ""
        self.redirect(f"{start}{spelt}{slash}{rest}{query}")


log = logging.getLogger("jupyterhub_on_docker.names")


class Named(Authenticator):
    """First base of all: nobody gets past it with a name that the rule refuses.

    It is asked before a name is looked for among users, and again of what comes out at the end, as a hook may
    change it.
    """

    def get_handlers(self, app: JupyterHub) -> Handlers:
        # The first of a path wins, and an authenticator's come before JupyterHub's.
        path = r"/user/(?P<user_name>[^/]+)(?P<user_path>/.*)?"
        return [(path, OtherSpelling), *super().get_handlers(app)]

    def normalize_username(self, username: object) -> str:
        """The hub's name for somebody. One that would become another's stays as it is, and is refused."""
        if not isinstance(username, str):
            raise HTTPError(403, _sentence(username, "is not text"))
        if rule.folding(username):
            return username
        # An authenticator that tells capitals from small letters goes on doing so.
        return rule.composed(super().normalize_username(rule.composed(username)))

    def validate_username(self, username: str) -> bool:
        possible = rule.problem(username) is None and self._is_spelt(username)
        return possible and bool(super().validate_username(username))

    def _is_spelt(self, name: str) -> bool:
        """Whether a login can lead to this spelling: what the API is given becomes an account as it is."""
        spelt = rule.canonical(name)
        return name == spelt or (
            name == rule.composed(name) and self.normalize_username(name) != self.normalize_username(spelt)
        )

    async def authenticate(self, handler: BaseHandler, data: object, **kwargs: Any) -> Any:
        typed = data.get("username") if isinstance(data, dict) else None
        if typed is not None:
            refuse(self.normalize_username(typed))
        model = await maybe_future(super().authenticate(handler, data, **kwargs))
        if model:
            refuse(self.normalize_username(model["name"] if isinstance(model, dict) else model))
        return model

    async def get_authenticated_user(self, handler: BaseHandler, data: object) -> AuthModel | None:
        model: AuthModel | None = await super().get_authenticated_user(handler, data)
        if model:
            refuse(model["name"])
            self._groups(model)
        return model

    async def refresh_user(
        self, user: User, handler: BaseHandler | None = None, **kwargs: Any
    ) -> bool | AuthModel:
        """Who has such a name from before the rule has to log in, and cannot."""
        if problem := rule.problem(user.name):
            self.log.warning("The user name %s is not valid: it %s", rule.shown(user.name), problem)
            return False
        model: bool | AuthModel = await maybe_future(super().refresh_user(user, handler, **kwargs))
        if isinstance(model, dict):
            self._groups(model)
        return model

    def _groups(self, model: AuthModel) -> None:
        """Leaves out groups of the login service whose names are none: nobody loses the others for them."""
        if not model.get("groups"):
            return
        groups = [rule.composed(group) if isinstance(group, str) else group for group in model["groups"]]
        for group in groups:
            if problem := rule.group_problem(group):
                self.log.warning("Ignoring group %s of %s: it %s", rule.shown(group), model["name"], problem)
        model["groups"] = sorted({group for group in groups if rule.group_problem(group) is None})


def refuse(name: object) -> None:
    """Raises an error with a sentence for who logs in, if the hub can have no such name."""
    if problem := rule.problem(name):
        log.warning("Refused a login: the user name %s %s", rule.shown(name), problem)
        raise HTTPError(403, _sentence(name, problem))


def _sentence(name: object, problem: str) -> str:
    return (
        f"The user name {rule.shown(name)} cannot be used on this hub: it {problem}. "
        "Ask an administrator of the hub or of the login service for another one."
    )


def protect(c: Config) -> None:
    """Puts the rule before the authenticator class that is configured, by class or by entry point."""
    chosen = configured_class(c)
    c.JupyterHub.authenticator_class = type(f"Named{chosen.__name__}", (Named, chosen), {"protects": chosen})
