"""People who visit a hub with a browser, or with a token."""

import json
import re
from urllib.parse import urlencode

import requests
from tornado.httpclient import AsyncHTTPClient


class Visitor(requests.Session):
    """Somebody with cookies of their own. Paths are below the base URL; redirects are not followed."""

    def __init__(self, url: str):
        super().__init__()
        self._url = url

    def request(self, method, path, **options):
        return super().request(method, f"{self._url}{path}", **{**options, "allow_redirects": False})

    @property
    def xsrf(self) -> str:
        return next(cookie.value for cookie in self.cookies if cookie.name == "_xsrf")

    def log_in(self, username="alice", password="user-password", **fields):
        """What the login form answers."""
        self.get("hub/login")
        form = {"username": username, "password": password, **fields, "_xsrf": self.xsrf}
        return self.post("hub/login", data={key: value for key, value in form.items() if value is not None})


class AsyncVisitor:
    """Somebody with cookies, for a hub in the test's own event loop. Paths are below `hub/`."""

    def __init__(self, url: str):
        self._url = url
        self._cookies: dict[str, str] = {}

    def at(self, hub) -> "AsyncVisitor":
        """The same browser, after the hub was started anew."""
        self._url = hub.url
        return self

    async def ask(self, path: str, method="GET", body=None, token=None, **headers):
        if self._cookies and token is None:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        if token is not None:
            headers["Authorization"] = f"token {token}"
        answer = await AsyncHTTPClient(force_instance=True).fetch(
            f"{self._url}hub/{path}",
            method=method,
            body=body,
            headers=headers,
            raise_error=False,
            follow_redirects=False,
            allow_nonstandard_methods=True,
        )
        for cookie in answer.headers.get_list("Set-Cookie"):
            name, value = re.match(r"([^=]+)=([^;]*)", cookie).groups()
            self._cookies[name] = value
        return answer

    async def log_in(self, name: str, password: str) -> bool:
        page = await self.ask("login")
        xsrf = re.search(r'name="_xsrf"\s+value="([^"]+)"', page.body.decode())[1]
        form = urlencode({"username": name, "password": password, "_xsrf": xsrf})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await self.ask("login", "POST", form, **headers)
        return answer.code == 302

    async def home(self) -> int:
        """200 for who is logged in; 302 to the login page for others."""
        return (await self.ask("home")).code

    async def api(self, token: str, path: str = "user", method="GET", **body):
        answer = await self.ask(f"api/{path}", method, json.dumps(body) if body else None, token)
        return answer.code, json.loads(answer.body) if answer.body else None
