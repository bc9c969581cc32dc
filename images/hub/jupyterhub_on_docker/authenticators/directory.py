"""LDAP, and LTI 1.3 platforms."""

import asyncio
import re
from typing import Any

from jupyterhub.handlers import BaseHandler
from jupyterhub.handlers.login import LoginHandler
from ldap3.core.exceptions import (
    LDAPCertificateError,
    LDAPCommunicationError,
    LDAPException,
    LDAPSASLPrepError,
    LDAPStartTLSError,
)
from ldapauthenticator import LDAPAuthenticator
from ltiauthenticator.lti13.auth import LTI13Authenticator
from ltiauthenticator.lti13.handlers import LTI13CallbackHandler, LTI13LoginInitHandler
from tornado.web import HTTPError
from traitlets import Set, Unicode

from ..jupyterhub_types import AuthModel
from ..rights.listed import Listed

TIMEOUT = 20.0
"""Seconds for a login against a directory."""

UNREACHABLE = (
    LDAPCertificateError,
    LDAPCommunicationError,
    LDAPStartTLSError,
    OSError,
    TimeoutError,
)

COMMON_NAME = re.compile(r"^cn=((?:[^,\\]|\\.)+)", re.IGNORECASE)


class Ldap(Listed, LDAPAuthenticator):
    login_sources = (LoginHandler,)

    admin_groups = Set(Unicode(), config=True, help="DNs of groups whose members manage the hub.")

    def group_name(self, dn: str) -> str:
        """The hub's name of a group."""
        return _short_name(dn)

    async def authenticate(self, handler: BaseHandler, data: dict[str, str]) -> AuthModel | None:
        data = {**data, "username": self.require_email(data["username"])}
        # Its calls wait for the server: in the hub's own thread everybody would wait with them.
        login = asyncio.to_thread(asyncio.run, super().authenticate(handler, data))
        try:
            model: AuthModel | None = await asyncio.wait_for(login, TIMEOUT)
        except UNREACHABLE as error:
            self.log.error("No answer from the LDAP server %s: %s", self.server_address, error)
            raise HTTPError(503, "The login service cannot be reached. Try again later.") from None
        except LDAPSASLPrepError:
            # A password with characters that the protocol has no place for.
            return None
        except LDAPException as error:
            self.log.error("The LDAP server %s refused a query: %s", self.server_address, error)
            raise HTTPError(
                502, "The login service refused the hub's request. The hub's log has details."
            ) from None
        if model is None:
            return None
        groups = model["auth_state"]["ldap_groups"]
        if self.manage_groups:
            model["groups"] = sorted(_short_name(dn) for dn in groups)
        name = self.normalize_username(model["name"])
        if self.admin_groups:
            model["admin"] = name in self.admin_users or bool(self.admin_groups.intersection(groups))
        else:
            model["admin"] = self.is_admin(handler, {**model, "name": name})
        return model

    async def check_allowed(self, username: str, auth_model: AuthModel) -> bool:
        # Administrators by their group are allowed: their groups are among the allowed ones.
        return auth_model.get("admin") is True or bool(await super().check_allowed(username, auth_model))


def _short_name(dn: str) -> str:
    """`physics` of `cn=physics,ou=groups,dc=example,dc=org`: people see the names of the hub's groups."""
    match = COMMON_NAME.match(dn)
    return match[1] if match else dn


class LtiLoginHandler(LTI13LoginInitHandler):
    def _set_oauth_cookie(self, key: str, value: str) -> None:
        # The platform sends the person back with a form from its own site: a cookie that is not meant for
        # other sites would be missing then.
        self._set_cookie(
            key, value, expires_days=1, httponly=True, encrypted=True, samesite="None", secure=True
        )


class Lti13(Listed, LTI13Authenticator):
    login_sources = (LTI13CallbackHandler,)
    login_handler = LtiLoginHandler
    login_service = Unicode("LTI 1.3", config=True, help="Name of the platform on the login page.")

    def get_username(self, token: dict[str, Any]) -> str:
        self.require_confirmed(token, self.username_key)
        return self.require_email(super().get_username(token))
