"""The hub's cookies under names of its own, so that two hubs on one host name do not log each other out.

Browsers keep cookies by host name and path, not by port. Each of a hub's gets an ending that is made from its
cookie secret, and is taken off again before the hub looks. Two go under their plain names, too:

- `_xsrf`, which scripts that log in look for;
- `jupyterhub-session-id`, by which people's servers see at once that somebody has logged out. It may be
  another hub's: this hub's own counts for itself, and is the other's if there was one at the login.
"""

import hashlib
import hmac
from typing import Any

from tornado.httputil import HTTPHeaders, HTTPServerRequest, ResponseStartLine
from tornado.web import Application

from .body_limit import Bounded
from .edge_pages import TooLarge

LOGIN = ("jupyterhub-hub-login", "__Host-jupyterhub-hub-login")
SESSION = "jupyterhub-session-id"
XSRF = "_xsrf"


def ending(cookie_secret: bytes) -> str:
    return "-" + hmac.digest(cookie_secret, b"names of cookies", hashlib.sha256).hex()[:8]


class Cookies:
    """Those of one request and its answer."""

    def __init__(self, header: str, ending: str, session_attributes: str):
        chunks = [chunk.strip() for chunk in header.split(";") if chunk.strip()]
        sent = [(name.strip(), value) for name, _, value in (chunk.partition("=") for chunk in chunks)]
        self._ending = ending
        self._attributes = session_attributes
        self._own = {name.removesuffix(ending): value for name, value in sent if name.endswith(ending)}
        self._plain = {name: value for name, value in sent if not name.endswith(ending)}

    @property
    def request(self) -> str:
        """The header as the hub is to see it; of two `_xsrf` it takes the one that it signed."""
        others = {
            name: value
            for name, value in self._plain.items()
            if name not in LOGIN and (name == XSRF or name not in self._own)
        }
        both = [*self._own.items(), *others.items()]
        return "; ".join(f"{name}={value}" for name, value in both)

    def answer(self, lines: list[str]) -> list[str]:
        """`Set-Cookie` headers as the browser is to see them."""
        result: list[str] = []
        names: set[str] = set()
        for line in lines:
            name, _, rest = line.partition("=")
            names.add(name)
            result.append(f"{name}{self._ending}={rest}")
            is_cleared = rest.startswith(('""', ";"))
            if name == XSRF or (name == SESSION and (is_cleared or SESSION not in self._plain)):
                result.append(line)
        if SESSION not in names and (names | self._own.keys()).intersection(LOGIN):
            # What one of both has, the other gets: another hub's logout takes the plain one away.
            own, plain = self._own.get(SESSION), self._plain.get(SESSION)
            if own and not plain:
                result.append(f"{SESSION}={own}{self._attributes}")
            if plain and not own:
                result.append(f"{SESSION}{self._ending}={plain}{self._attributes}")
        return result


class OwnCookies(Application):
    """JupyterHub's application, with cookies under names of its own, and bounded bodies."""

    def find_handler(self, request: HTTPServerRequest, **kwargs: Any) -> Any:
        attributes = f"; HttpOnly; Path={self.settings['base_url']}"
        if self.settings["subdomain_host"]:
            attributes += f"; Domain={self.settings['domain']}"
        if self.settings.get("cookie_options", {}).get("secure"):
            attributes += "; Secure"
        header = request.headers.get("Cookie", "")
        cookies = Cookies(header, ending(self.settings["cookie_secret"]), attributes)
        if header:
            request.headers["Cookie"] = cookies.request
        connection: Any = request.connection
        write_headers = connection.write_headers

        def write(start_line: ResponseStartLine, headers: HTTPHeaders, chunk: bytes | None = None) -> Any:
            lines = cookies.answer(headers.get_list("Set-Cookie"))
            if "Set-Cookie" in headers:
                del headers["Set-Cookie"]
            for line in lines:
                headers.add("Set-Cookie", line)
            return write_headers(start_line, headers, chunk)

        connection.write_headers = write
        delegate = super().find_handler(request, **kwargs)
        is_bounded = delegate.handler_class is not TooLarge
        return Bounded(delegate, connection) if is_bounded else delegate
