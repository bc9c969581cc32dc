"""Passwords that the hub checks itself, and temporary users without any."""

import math
from collections.abc import Mapping
from hmac import compare_digest
from pathlib import Path
from typing import Any

import bcrypt
from jinja2 import ChoiceLoader, FileSystemLoader
from jupyterhub import orm
from jupyterhub.app import JupyterHub
from jupyterhub.auth import Authenticator, PAMAuthenticator
from jupyterhub.authenticators.shared import SharedPasswordAuthenticator
from jupyterhub.handlers import BaseHandler
from jupyterhub.handlers.login import LoginHandler as HubLoginHandler
from jupyterhub.user import User
from nativeauthenticator import NativeAuthenticator
from nativeauthenticator.handlers import (
    TEMPLATE_DIR,
    AuthorizationAreaHandler,
    ChangePasswordHandler,
    DiscardHandler,
    LocalBase,
    ToggleAuthorizationHandler,
    admin_users_scope,
)
from nativeauthenticator.handlers import LoginHandler as NativeLoginHandler
from nativeauthenticator.orm import UserInfo
from tmpauthenticator import TmpAuthenticateHandler, TmpAuthenticator
from tornado.escape import url_escape
from tornado.httputil import url_concat
from tornado.web import HTTPError, authenticated
from traitlets import Unicode

from ..jupyterhub_types import AuthModel, Handlers
from ..logins.failed_logins import Limit, RightPassword
from ..logins.guard import LoginPage
from ..names import rule
from ..rights import revoke
from ..rights.listed import Listed

TEMPLATES = Path(__file__).with_name("templates")


class SharedPassword(Listed, SharedPasswordAuthenticator):
    login_sources = (HubLoginHandler,)

    async def authenticate(self, handler: BaseHandler, data: dict[str, str]) -> AuthModel | None:
        """As upstream's, which compares texts, and fails for one that is not ASCII."""
        name = self.normalize_username(data["username"])
        is_admin = name in self.admin_users
        if _same(data["password"], self.admin_password if is_admin else self.user_password):
            return {"name": name, "admin": is_admin, "groups": []}
        if not is_admin:
            for password, groups in self.password_groups.items():
                if _same(data["password"], password):
                    return {"name": name, "groups": groups}
        return None


def _same(tried: str, password: str | None) -> bool:
    if not password:
        return False
    return compare_digest(tried.encode("utf-8", "surrogatepass"), password.encode())


class Anonymous(TmpAuthenticator):
    login_sources = (TmpAuthenticateHandler,)


class NativeLogin(LoginPage, NativeLoginHandler):
    """Upstream's login page with JupyterHub's own way to log in: upstream's is for versions before 6."""

    post = LoginPage.post

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Upstream makes its templates known to pages, and not to errors, which this page shows too.
        errors = self.settings["jinja2_env_sync"]
        if not getattr(errors, "has_native_templates", False):
            errors.loader = ChoiceLoader([errors.loader, FileSystemLoader([TEMPLATE_DIR])])
            errors.has_native_templates = True

    def _render(self, login_error: str | None = None, username: str | None = None, **more: Any) -> Any:
        following = self.get_argument("next", "")
        login_url = self.authenticator.login_url(self.hub.base_url)
        return self.render_template(
            "native-login.html",
            next=url_escape(following),
            username=username,
            login_error=login_error,
            custom_html=self.authenticator.custom_html,
            login_url=self.settings["login_url"],
            enable_signup=self.authenticator.enable_signup,
            two_factor_auth=self.authenticator.allow_2fa,
            authenticator_login_url=url_concat(login_url, {"next": following}),
            **more,
        )


class Approvals(AuthorizationAreaHandler):
    """The page with all accounts. Its buttons send forms of its own: see `FormsOnly`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pages = self.settings["jinja2_env"]
        if not getattr(pages, "has_approvals", False):
            pages.loader = ChoiceLoader([pages.loader, FileSystemLoader([TEMPLATES])])
            pages.has_approvals = True

    @admin_users_scope
    async def get(self) -> None:
        ask_email, users = self.authenticator.ask_email_on_signup, self.db.query(UserInfo).all()
        self.finish(await self.render_template("approvals.html", ask_email=ask_email, users=users))


class FormsOnly(LocalBase):
    """A handler's change at a GET request, made by a POST request: JupyterHub asks it for the form's token.

    A notebook's page is of the same site: it could else have an administrator's browser visit the address.
    """

    async def get(self, name: str) -> None:
        self.redirect(f"{self.hub.base_url}authorize")

    async def post(self, name: str) -> None:
        await super().get(name)


class Discard(FormsOnly, DiscardHandler):
    pass


class ChangePassword(ChangePasswordHandler):
    """Upstream's, where the old password is one more that can be guessed: it counts as a login does."""

    @authenticated
    async def post(self) -> None:
        name = self.current_user.name
        account = self.authenticator.get_user(name)
        if account is None:
            raise HTTPError(403, "You have no password on this hub that you could change.")
        attempt = self.authenticator.begin_attempt(name, self)
        old = self.get_body_argument("old_password", strip=False)
        if _too_long(old) or not account.is_valid_password(old):
            html = await self.render_template(
                "change-password.html",
                user_name=name,
                result_message="Your current password was incorrect. Please try again.",
                alert="alert-danger",
            )
            self.finish(html)
            return
        self.authenticator.attempt_succeeded(attempt)
        await super().post()


class Approval(FormsOnly, ToggleAuthorizationHandler):
    """Approves or withdraws."""

    @admin_users_scope
    async def post(self, slug: str) -> None:
        if UserInfo.find(self.db, slug) is None:
            raise HTTPError(404, "Nobody has signed up with this name.")
        await super().post(slug)
        account, user = UserInfo.find(self.db, slug), orm.User.find(self.db, slug)
        if user and not account.is_authorized:
            revoke(self.db, user)
            self.db.commit()


class Native(Listed, NativeAuthenticator):
    """Sign-up with approval. Administrators have accounts from the start, so nobody can take their names."""

    login_sources = (NativeLogin,)

    first_password = Unicode(
        config=True, help="First password of a new administrator's account; to be changed after login."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_administrators()

    def take_lists(self, values: Mapping[str, Any]) -> None:
        super().take_lists(values)
        self.add_administrators()

    def add_administrators(self) -> None:
        for name in sorted({self.normalize_username(name) for name in self.admin_users}):
            account = self.get_user(name)
            if account is None:
                password = bcrypt.hashpw(self.first_password.encode(), bcrypt.gensalt())
                self.db.add(UserInfo(username=name, password=password, is_authorized=True))
                self.log.info("Created an account for administrator %s", name)
            elif not account.is_authorized:
                # Somebody signed up with the name before it was an administrator's.
                self.log.warning("The account of administrator %s is still waiting for approval", name)
        self.db.commit()

    def settled(self, username: str) -> bool | None:
        if not self.allow_all:
            return None
        account = self.get_user(username)
        return account is not None and bool(account.is_authorized)

    def approve(self, username: str, approved: bool) -> None:
        account = self.get_user(username)
        if account is not None:
            account.is_authorized = approved

    def get_handlers(self, app: JupyterHub) -> Handlers:
        mine = {
            NativeLoginHandler: NativeLogin,
            AuthorizationAreaHandler: Approvals,
            ToggleAuthorizationHandler: Approval,
            DiscardHandler: Discard,
            ChangePasswordHandler: ChangePassword,
        }
        return [(path, mine.get(handler, handler)) for path, handler in super().get_handlers(app)]

    @property
    def name_limit(self) -> Limit | None:
        """Upstream's own lockout, counted where all failed logins are, so that both answer alike."""
        if self.allowed_failed_logins == 0:
            return None
        # In a row, however long that takes.
        return Limit(self.allowed_failed_logins, math.inf, self.seconds_before_next_try)

    def is_blocked(self, username: str) -> bool:
        return False

    def add_login_attempt(self, username: str) -> None:
        pass

    def validate_username(self, username: str) -> bool:
        return rule.sign_up_problem(username) is None and bool(super().validate_username(username))

    def is_password_strong(self, password: str) -> bool:
        return not _too_long(password) and bool(super().is_password_strong(password))

    async def authenticate(self, handler: BaseHandler, data: dict[str, str]) -> Any:
        if _too_long(data["password"]):
            return None
        if not data.get("2fa", "").isascii():
            # Upstream fails for what is no one-time code in Latin letters.
            data = {**data, "2fa": ""}
        authenticated = await super().authenticate(handler, data)
        account = self.get_user(data["username"])
        # Told only to who knows the password.
        waits = not authenticated and account and not account.is_authorized
        if waits and account.is_valid_password(data["password"]):
            raise RightPassword(403, "Your account is waiting for an administrator's approval.")
        return authenticated


def _too_long(password: str) -> bool:
    # More than bcrypt takes: it raises an error.
    return len(password.encode()) > 72


class Pam(Listed, PAMAuthenticator):
    """PAM with accounts that are no users of the hub's container."""

    login_sources = (HubLoginHandler,)

    def add_user(self, user: User) -> None:
        # LocalAuthenticator's own looks the name up in /etc/passwd.
        Authenticator.add_user(self, user)

    def check_allowed(self, username: str, authentication: AuthModel | None = None) -> Any:
        return Authenticator.check_allowed(self, username, authentication)
