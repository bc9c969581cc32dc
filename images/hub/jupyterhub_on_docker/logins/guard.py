"""Takes logins from the handlers that check them, and from nowhere else, whatever the authenticator.

JupyterHub hands an authenticator whatever comes in by `POST /hub/login` and by the `auth` of
`POST /hub/api/users/NAME/tokens`. One whose own handler checks the data (an LTI launch's signature, an OAuth
login's state) would take a stranger's for checked.
"""

from collections.abc import Mapping, Sequence
from inspect import isclass
from typing import Any

from jupyterhub import orm
from jupyterhub.apihandlers.users import UserTokenListAPIHandler
from jupyterhub.app import JupyterHub
from jupyterhub.auth import Authenticator
from jupyterhub.handlers import BaseHandler
from jupyterhub.handlers.login import LoginHandler
from jupyterhub.user import User
from tornado.web import HTTPError, RequestHandler
from traitlets import Bool, List

from ..jupyterhub_types import AuthModel, Handlers
from ..rights import makers

LONGEST_NAME = 255
"""Characters of a user name: what the hub's database has room for."""

LONGEST_FIELD = 4096
"""Characters of a password, and of any other field of a login form."""

NO_FORM = "You cannot log in with this form. Use the hub's login page."
NO_API_LOGIN = "Logins over the API are turned off. Log in on the hub's page and create a token there."
WRONG = "Invalid username or password."


class LoginGuard(Authenticator):
    """To be put before an authenticator class: refuses logins by any other handler than its own.

    A class says with `login_sources`, a tuple of handlers, which those are. One that does not has those that
    it registers itself, and the hub's login page if its own login address is that page's.
    """

    api_login = Bool(config=True, help="Whether the API gives tokens for a user name and a password.")
    login_handlers: List[Any] = List(
        config=True, help="Additional handlers, from extra configuration, that log people in."
    )

    more_handlers: Sequence[tuple[Any, ...]] = ()
    """Other handlers of this package that stand before JupyterHub's own."""

    _registered: tuple[type[RequestHandler], ...] = ()

    def get_handlers(self, app: JupyterHub) -> Handlers:
        handlers: Handlers = list(super().get_handlers(app))
        self._registered = tuple(filter(isclass, (handler for _, handler, *_ in handlers)))
        # The first of a path wins, and an authenticator's come before JupyterHub's.
        mine = [(r"/login", LoginPage), (r"/api/users/([^/]+)/tokens", TokenHandler), *self.more_handlers]
        return [*(handler for handler in handlers if handler[1] is not LoginHandler), *mine]

    @property
    def has_form(self) -> bool:
        """Whether people log in on the hub's own page, with a name and a password."""
        named = getattr(self, "login_sources", None)
        if named is None:
            return bool(self.login_url("/") == "/login")
        return any(issubclass(source, LoginHandler) for source in named)

    def takes_from(self, handler: BaseHandler) -> bool:
        """Whether somebody may log in by this handler."""
        if isinstance(handler, UserTokenListAPIHandler):
            return bool(self.api_login) and self.has_form
        sources = getattr(self, "login_sources", None)
        if sources is None:
            page = (LoginHandler,) if self.has_form else ()
            sources = (*page, *(one for one in self._registered if not issubclass(LoginHandler, one)))
        return isinstance(handler, (*sources, *self.login_handlers))

    async def get_authenticated_user(self, handler: BaseHandler, data: Any) -> AuthModel | None:
        in_api = isinstance(handler, UserTokenListAPIHandler)
        if not self.takes_from(handler):
            address = handler.request.remote_ip
            self.log.warning("Refused a login by %s from %s", type(handler).__name__, address)
            raise HTTPError(403, NO_API_LOGIN if in_api else NO_FORM)
        if in_api or (self.has_form and isinstance(handler, LoginHandler) and data is not None):
            if in_api or hasattr(self, "login_sources"):
                _require_password(data)
            if not is_usable(data):
                return None
        model: AuthModel | None = await super().get_authenticated_user(handler, data)
        return model


def _require_password(data: object) -> None:
    fields = data if isinstance(data, dict) else {}
    if not all(isinstance(fields.get(key), str) for key in ("username", "password")):
        raise HTTPError(400, "A login needs a username and a password.")


def is_usable(data: Mapping[str, object]) -> bool:
    """Whether an authenticator can work with every field of a form; else it is nobody's password."""
    return all(
        isinstance(value, str)
        and len(value) <= (LONGEST_NAME if key == "username" else LONGEST_FIELD)
        and is_text(value)
        for key, value in data.items()
    )


def is_text(value: str) -> bool:
    """Whether text can be encoded, and means the same to a C library, which reads up to a NUL."""
    try:
        return b"\0" not in value.encode()
    except UnicodeEncodeError:
        # Half a character, as JSON can have it.
        return False


class LoginPage(LoginHandler):
    """JupyterHub's own, which shows an error of the form as that form, where the form can be shown."""

    def render_template(self, name: str, **ns: Any) -> Any:
        if name == "error.html" and not (self.authenticator.has_form and self._is_readable()):
            return BaseHandler.render_template(self, name, **ns)
        return super().render_template(name, **ns)

    def _is_readable(self) -> bool:
        try:
            return len(self.get_argument("username", "")) <= LONGEST_NAME
        except HTTPError:
            # It is not in UTF-8.
            return False


class TokenHandler(UserTokenListAPIHandler):
    """JupyterHub's own, which answers 403 to every login that fails, and gives no reason.

    A token for somebody else says in its note who made it.
    """

    _refusal: HTTPError | None = None

    async def authenticate(self, data: dict[str, Any]) -> Any:
        try:
            user = await super().authenticate(data)
        except HTTPError as error:
            self._refusal = error
            raise
        if user is None:
            self._refusal = HTTPError(403, WRONG)
        return user

    def token_model(self, token: orm.APIToken) -> dict[str, Any]:
        maker = self.current_user
        if (
            self.request.method == "POST"
            and isinstance(maker, User)
            and token.user
            and token.user.name != maker.name
        ):
            makers.note(token, maker.name)
            self.db.commit()
        model: dict[str, Any] = super().token_model(token)
        return model

    async def post(self, user_name: str) -> None:
        try:
            await super().post(user_name)
        except HTTPError:
            if self._refusal is not None:
                raise self._refusal from None
            raise
