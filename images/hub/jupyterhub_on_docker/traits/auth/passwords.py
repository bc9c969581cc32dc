"""Passwords that the hub checks itself, and temporary users without any."""

import re

from traitlets.config import Config

from ...config.auth import Anonymous, Native, Pam, SharedPassword
from ...errors import SettingsError
from ...names import rule
from ...secrets import Secrets
from .people import set_people

PAM_SERVICE = "jupyterhub-on-docker"
"""Its file in the image names `pam_pwdfile` and the secret with the accounts."""

ACCOUNT = re.compile(r"(?P<name>[^:]+):\$[A-Za-z0-9./$,=+_-]+")


def shared_password(c: Config, auth: SharedPassword, secrets: Secrets) -> None:
    set_people(c, auth)
    c.SharedPasswordAuthenticator.user_password = secrets.text("user_password")
    c.SharedPasswordAuthenticator.admin_password = secrets.text("admin_password")


def native(c: Config, auth: Native, secrets: Secrets) -> None:
    set_people(c, auth)
    # Who is approved may log in; where sign-up is open, only those of the lists may.
    c.Authenticator.allow_all = auth.sign_up != "open"
    traits = c.NativeAuthenticator
    traits.enable_signup = auth.sign_up != "closed"
    traits.open_signup = auth.sign_up == "open"
    traits.minimum_password_length = auth.passwords.minimum_length
    traits.check_common_password = auth.passwords.refuse_common
    traits.allowed_failed_logins = auth.lockout.attempts
    traits.seconds_before_next_try = auth.lockout.seconds
    traits.ask_email_on_signup = auth.ask_email
    traits.allow_2fa = auth.two_factor
    c.Native.first_password = secrets.text("admin_password")


def pam(c: Config, auth: Pam, secrets: Secrets) -> None:
    set_people(c, auth)
    for number, line in enumerate(secrets.text(auth.passwords).splitlines(), 1):
        if not line:
            continue
        account = ACCOUNT.fullmatch(line)
        if account is None:
            raise SettingsError(f"auth.passwords: line {number}: expected name:hash as in /etc/shadow")
        name = account["name"]
        if name != rule.canonical(name) or rule.problem(name):
            raise SettingsError(
                f"auth.passwords: line {number}: expected a user name, got {rule.shown(name)}"
            )
    c.PAMAuthenticator.service = PAM_SERVICE
    c.PAMAuthenticator.open_sessions = False


def anonymous(c: Config, auth: Anonymous) -> None:
    c.Authenticator.allow_all = True
    c.Authenticator.auto_login = auth.auto_login is not False
    if auth.login_service:
        c.TmpAuthenticator.login_service = auth.login_service
