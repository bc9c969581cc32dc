"""Passwords that the hub checks itself, and temporary users without any."""

from datetime import datetime

import bcrypt
from jinja2 import ChoiceLoader, FileSystemLoader
from jupyterhub import orm
from jupyterhub.auth import Authenticator, PAMAuthenticator
from jupyterhub.authenticators.shared import SharedPasswordAuthenticator
from jupyterhub.handlers.login import LoginHandler as HubLoginHandler
from nativeauthenticator import NativeAuthenticator
from nativeauthenticator.handlers import TEMPLATE_DIR, ToggleAuthorizationHandler
from nativeauthenticator.handlers import LoginHandler as NativeLoginHandler
from nativeauthenticator.orm import UserInfo
from tmpauthenticator import TmpAuthenticator
from tornado.escape import url_escape
from tornado.httputil import url_concat
from tornado.web import HTTPError
from traitlets import Unicode

from ..rights import revoke
from .listed import Listed


class SharedPassword(Listed, SharedPasswordAuthenticator):
    pass


class Anonymous(TmpAuthenticator):
    pass


class NativeLogin(NativeLoginHandler):
    """Upstream's login page with JupyterHub's own way to log in: upstream's is for versions before 6."""

    post = HubLoginHandler.post

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Upstream makes its templates known to pages, and not to errors, which this page shows too.
        errors = self.settings["jinja2_env_sync"]
        if not getattr(errors, "has_native_templates", False):
            errors.loader = ChoiceLoader([errors.loader, FileSystemLoader([TEMPLATE_DIR])])
            errors.has_native_templates = True

    def _render(self, login_error=None, username=None, **more):
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


class Approval(ToggleAuthorizationHandler):
    """Approves or withdraws. A GET request that changes something must not come from another site's link."""

    async def get(self, slug):
        if self.request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            raise HTTPError(403, "Approve people on the hub's own page.")
        if UserInfo.find(self.db, slug) is None:
            raise HTTPError(404, "Nobody has signed up with this name.")
        await super().get(slug)
        account, user = UserInfo.find(self.db, slug), orm.User.find(self.db, slug)
        if user and not account.is_authorized:
            revoke(self.db, user)
            self.db.commit()


class Native(Listed, NativeAuthenticator):
    """Sign-up with approval. Administrators have accounts from the start, so nobody can take their names."""

    first_password = Unicode(
        config=True, help="Password of an administrator's new account, to be changed at once."
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.add_administrators()

    def add_administrators(self):
        for name in sorted({self.normalize_username(name) for name in self.admin_users}):
            account = self.get_user(name)
            if account is None:
                password = bcrypt.hashpw(self.first_password.encode(), bcrypt.gensalt())
                self.db.add(UserInfo(username=name, password=password, is_authorized=True))
                self.log.info("Made an account for administrator %s", name)
            elif not account.is_authorized:
                # Somebody signed up with the name before it was an administrator's.
                self.log.warning("The account of administrator %s still waits for approval", name)
        self.db.commit()

    def settled(self, username):
        if not self.allow_all:
            return None
        account = self.get_user(username)
        return account is not None and account.is_authorized

    def approve(self, username, approved):
        account = self.get_user(username)
        if account is not None:
            account.is_authorized = approved

    def get_handlers(self, app):
        mine = {NativeLoginHandler: NativeLogin, ToggleAuthorizationHandler: Approval}
        return [(path, mine.get(handler, handler)) for path, handler in super().get_handlers(app)]

    def is_password_strong(self, password):
        return not _too_long(password) and super().is_password_strong(password)

    async def authenticate(self, handler, data):
        name = self.normalize_username(data["username"])
        if self.allowed_failed_logins and self.is_blocked(name):
            waited = (datetime.now() - self.login_attempts[name]["time"]).seconds
            minutes = max(1, round((self.seconds_before_next_try - waited) / 60))
            raise HTTPError(403, f"Too many wrong passwords: try again in {minutes} min.")
        if _too_long(data["password"]):
            return None
        authenticated = await super().authenticate(handler, data)
        account = self.get_user(name)
        # Told only to who knows the password.
        waits = not authenticated and account and not account.is_authorized
        if waits and account.is_valid_password(data["password"]):
            self.successful_login(name)
            raise HTTPError(403, "Your account waits for an administrator's approval.")
        return authenticated


def _too_long(password: str) -> bool:
    # More than bcrypt takes: it raises an error.
    return len(password.encode()) > 72


class Pam(Listed, PAMAuthenticator):
    """PAM with accounts that are no users of the hub's container."""

    def add_user(self, user):
        # LocalAuthenticator's own looks the name up in /etc/passwd.
        Authenticator.add_user(self, user)

    def check_allowed(self, username, authentication=None):
        return Authenticator.check_allowed(self, username, authentication)
