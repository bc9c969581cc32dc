"""What all OAuth authenticators lack: an extra certificate authority, and failures that say what is wrong."""

import ssl
from collections.abc import Mapping
from typing import Any

from jupyterhub.handlers import BaseHandler
from jupyterhub.user import User
from oauthenticator.oauth2 import OAuthCallbackHandler, OAuthenticator
from tornado.httpclient import HTTPClientError
from tornado.web import HTTPError
from traitlets import Unicode

from ..jupyterhub_types import AuthModel
from ..rights.listed import Listed

TIMEOUT = 20
"""Seconds for one answer of a login service: long for a service, short for a person who waits."""


class Provider(Listed, OAuthenticator):
    """First base of all OAuth authenticators of this package."""

    login_sources = (OAuthCallbackHandler,)

    ca_file = Unicode(config=True, help="PEM file with additional certificate authorities to trust.")
    _ssl: ssl.SSLContext | None = None

    def ssl_context(self) -> ssl.SSLContext:
        """The usual authorities and those of the file."""
        if self._ssl is None:
            self._ssl = ssl.create_default_context()
            self._ssl.load_verify_locations(cafile=self.ca_file)
            # Authorities of organisations are often older than the form that Python 3.13 insists on.
            self._ssl.verify_flags &= ~ssl.VERIFY_X509_STRICT
        return self._ssl

    async def httpfetch(
        self,
        url: str,
        label: str = "fetching",
        parse_json: bool = True,
        raise_error: bool = True,
        **kwargs: Any,
    ) -> Any:
        options = {"connect_timeout": TIMEOUT, "request_timeout": TIMEOUT, **kwargs}
        if self.ca_file:
            options["ssl_options"] = self.ssl_context()
        try:
            return await super().httpfetch(url, label, parse_json, raise_error, **options)
        except OSError as error:
            # No such name, no connection, no trust. HTTP's own errors are no OSError.
            self.log.error("No connection to the login service at %s: %s", url.partition("?")[0], error)
            raise HTTPError(503, "The login service cannot be reached. Try again later.") from None

    def user_info_to_username(self, user_info: Mapping[str, Any]) -> str:
        name = super().user_info_to_username(user_info)
        self.require_confirmed(user_info, self.name_claim(user_info))
        return self.require_email(name)

    def name_claim(self, user_info: Mapping[str, Any]) -> str:
        """The claim that somebody's name is made of."""
        return str(self.username_claim)

    async def authenticate(self, handler: BaseHandler, data: object = None, **kwargs: Any) -> Any:
        try:
            return await super().authenticate(handler, data, **kwargs)
        except HTTPClientError as error:
            # The log has what the service said.
            self.log.error("The login service refused the hub's request: %s", error)
            if error.code == 599:
                raise HTTPError(503, "The login service is not responding. Try again later.") from None
            raise HTTPError(
                502, f"The login service refused the hub's request ({error.code}). The hub's log has details."
            ) from None
        except ValueError as error:
            self.log.error("The login service's answer cannot be used: %s", error)
            raise HTTPError(
                403, "The login service did not say who you are. The hub's log has details."
            ) from None

    async def update_auth_model(self, auth_model: AuthModel) -> AuthModel:
        auth_model = await super().update_auth_model(auth_model)
        # Groups that make administrators are looked at after this, and then nothing else makes one.
        if auth_model["admin"] is None:
            auth_model["admin"] = False if self.admin_groups else self.is_admin(None, auth_model)
        return auth_model

    async def refresh_user(
        self, user: User, handler: BaseHandler | None = None, **kwargs: Any
    ) -> bool | AuthModel:
        """As upstream's, but a service that is down keeps nobody out, and a new name is a new login."""
        try:
            model: bool | AuthModel = await super().refresh_user(user, handler, **kwargs)
        except HTTPError as error:
            if error.status_code != 503:
                raise
            self.log.warning("Keeping the rights of %s: the login service cannot be reached", user.name)
            return True
        except HTTPClientError as error:
            if error.code < 500:
                raise
            self.log.warning("Keeping the rights of %s: %s", user.name, error)
            return True
        if isinstance(model, dict) and model["name"] != user.name:
            self.log.warning("The login service now calls %s %s", user.name, model["name"])
            return False
        return model
