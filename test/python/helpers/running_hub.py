"""A real hub of the package with its database, for tests: what it is asked goes through HTTP.

Only Traefik and Docker are left out: routes are in memory, and a server is a flag.
"""

import asyncio
import json
import re
import socket
from contextlib import asynccontextmanager
from typing import ClassVar
from urllib.parse import urlencode

from jupyterhub import orm
from jupyterhub.crypto import CryptKeeper
from jupyterhub.objects import Server
from jupyterhub.proxy import Proxy
from jupyterhub.spawner import Spawner
from nativeauthenticator.handlers import LocalBase
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from traitlets.config import Config

from jupyterhub_on_docker import protection, traits
from jupyterhub_on_docker.app import Hub
from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.secrets import Secrets


class Routes(Proxy):
    should_start = False
    table: ClassVar[dict] = {}

    async def add_route(self, routespec, target, data):
        self.table[routespec] = {"routespec": routespec, "target": target, "data": data}

    async def delete_route(self, routespec):
        self.table.pop(routespec, None)

    async def get_all_routes(self):
        return dict(self.table)


class Servers(Spawner):
    """A server is the name of its owner in `running`."""

    running: ClassVar[set[str]] = set()
    address: ClassVar[str] = ""
    """What answers in place of all servers."""
    held: ClassVar[dict[str, list[str]]] = {}
    """Folders that people's servers have, and they themselves not any more."""

    async def start(self):
        self.running.add(self.user.name)
        return "127.0.0.1", 1

    async def stop(self, now=False):
        self.running.discard(self.user.name)

    async def poll(self):
        return None if self.user.name in self.running else 0

    async def get_url(self):
        return self.address

    async def lost_folders(self):
        return self.held.get(self.user.name, [])


class Visitor:
    """Somebody with a browser: keeps cookies."""

    def __init__(self, url: str):
        self._url = url
        self._cookies: dict[str, str] = {}

    def at(self, hub: "Started") -> "Visitor":
        """The same browser, after the hub was started anew."""
        self._url = hub.url
        return self

    async def ask(self, path: str, method="GET", body=None, token=None, **headers):
        if self._cookies and token is None:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        if token is not None:
            headers["Authorization"] = f"token {token}"
        answer = await AsyncHTTPClient(force_instance=True).fetch(
            f"{self._url}{path}",
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


class Started:
    """A hub that runs."""

    def __init__(self, app: Hub, url: str):
        self.app = app
        self.url = url

    def visitor(self) -> Visitor:
        return Visitor(self.url)

    def user(self, name: str):
        """As the database has it now."""
        return self.app.users[name].orm_user

    def token(self, name: str, **kwargs) -> str:
        """A token as somebody makes it on their page."""
        return self.user(name).new_api_token(**kwargs)

    def start_server(self, name: str) -> str:
        """Returns the server's own token."""
        user = self.app.users[name]
        Servers.running.add(name)
        spawner = user.spawners[""]
        orm_server = orm.Server(base_url=f"/base/user/{name}/", ip="127.0.0.1", port=1)
        self.app.db.add(orm_server)
        self.app.db.commit()
        spawner.server = Server(orm_server=orm_server)
        spawner.orm_spawner.started = orm.utcnow(with_tz=False)
        self.app.db.commit()
        scopes = [f"access:servers!server={name}/", "users:activity!user"]
        return self.token(name, note=f"Server at /base/user/{name}/", scopes=scopes)


@asynccontextmanager
async def running_hub(raw: dict, secrets: Secrets, folder, change=None):
    """A hub with these settings and the database in `folder`; `change` sets traits as extra configuration."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = Settings.model_validate_json(json.dumps(raw))
    c = Config()
    traits.apply(c, settings, secrets)
    c.JupyterHub.db_url = f"sqlite:///{folder}/jupyterhub.sqlite"
    c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{port}"
    c.JupyterHub.proxy_class = Routes
    c.JupyterHub.spawner_class = Servers
    c.JupyterHub.log_level = "ERROR"
    c.JupyterHub.pid_file = ""
    if change:
        change(c)
    protection.protect(c, settings)
    answering = HTTPServer(Application())
    answering.add_sockets(sockets := bind_sockets(0, "127.0.0.1"))
    Servers.address = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    Hub.clear_instance()
    CryptKeeper.clear_instance()
    LocalBase._template_dir_registered = False
    app = Hub.instance(config=c)
    try:
        await app.initialize([])
        await app.start()
        yield Started(app, f"http://127.0.0.1:{port}{settings.hub.base_url}hub/")
    finally:
        answering.stop()
        if app.http_server:
            app.http_server.stop()
            await app.http_server.close_all_connections()
        if getattr(app, "metrics_collector", None):
            app.metrics_collector.stop()
        for callback in app._periodic_callbacks.values():
            callback.stop()
        await app.cleanup()
        app.db.close()
        app.db.get_bind().dispose()
        await asyncio.sleep(0)
