"""Fields of forms that are no text: tornado's error has their bytes, on the page and in the log.

One of them may be a password.
"""

from jupyterhub.handlers import BaseHandler
from tornado.web import HTTPError, RequestHandler


def decode_argument(self: RequestHandler, value: bytes, name: str | None = None) -> str:
    """As tornado's, without the value in the error."""
    try:
        return RequestHandler.decode_argument(self, value, name)
    except HTTPError as error:
        raise HTTPError(error.status_code, f"Expected UTF-8 in {name or 'the address'}.") from None


def hide_undecodable() -> None:
    """For every handler of JupyterHub: its login page, an authenticator's pages and the API."""
    BaseHandler.decode_argument = decode_argument
