"""A real hub of the package with its database, for tests: what it is asked goes through HTTP.

Settings, secrets, extra configuration and what protects logins are as in the image. Only Traefik and Docker
are left out: routes are in memory, and a server is a flag. It runs in the test's own event loop
(`running_hub`), in a thread (`RunningHub`), or in a process (`HubProcess`): few tests need that, and it takes
seconds to start.
"""

import asyncio
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ClassVar

import requests
from jupyterhub import orm
from jupyterhub.crypto import CryptKeeper
from jupyterhub.objects import Server
from jupyterhub.proxy import Proxy
from jupyterhub.spawner import Spawner
from nativeauthenticator.handlers import LocalBase
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from traitlets.config import Config

from helpers.ports import free_port
from helpers.visitors import AsyncVisitor, Visitor
from jupyterhub_on_docker import extra_config, traits
from jupyterhub_on_docker.app import Hub
from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.logins import protection
from jupyterhub_on_docker.secrets import Secrets

START = 60.0
"""Seconds for a hub to answer."""


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


def configure(c: Config, folder: Path, raw: dict, secrets: Secrets, change=None) -> str:
    """The configuration of a hub whose database is in a folder; its address, with the base URL.

    `change` sets traits as extra configuration does.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}{raw['hub']['baseUrl']}"
    hub = {**raw["hub"], "dataDir": str(folder), "publicUrl": url}
    settings = Settings.model_validate_json(json.dumps({**raw, "hub": hub}))
    traits.apply(c, settings, secrets)
    c.JupyterHub.db_url = f"sqlite:///{folder}/jupyterhub.sqlite"
    c.JupyterHub.hub_bind_url = c.JupyterHub.hub_connect_url = f"http://127.0.0.1:{port}"
    c.JupyterHub.proxy_class = Routes
    c.JupyterHub.spawner_class = Servers
    c.JupyterHub.pid_file = ""
    if change:
        change(c)
    extra_config.run(c, settings, secrets)
    protection.protect(c, settings)
    return url


class Started:
    """A hub that runs in the test's own event loop."""

    def __init__(self, app: Hub, url: str):
        self.app = app
        self.url = url

    def visitor(self) -> AsyncVisitor:
        return AsyncVisitor(self.url)

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


class Instance(Hub):
    """Ends with its test, and not by a signal, of which a thread gets none."""

    def init_signal(self):
        pass


@asynccontextmanager
async def running_hub(
    raw: dict, secrets: Secrets, folder: Path, change=None, log: logging.Handler | None = None
):
    """A hub in this event loop, with these settings and the database in `folder`. One at a time."""
    c = Config()
    url = configure(c, folder, raw, secrets, change)
    answering = HTTPServer(Application())
    answering.add_sockets(sockets := bind_sockets(0, "127.0.0.1"))
    Servers.address = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    Hub.clear_instance()
    Instance.clear_instance()
    CryptKeeper.clear_instance()
    LocalBase._template_dir_registered = False
    app = Instance.instance(config=c)
    # The application's own does not go up to the root.
    loggers = [app.log, logging.getLogger()] if log else []
    for logger in loggers:
        logger.addHandler(log)
    try:
        await app.initialize([])
        await app.start()
        yield Started(app, url)
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
        for logger in loggers:
            logger.removeHandler(log)
        await asyncio.sleep(0)


class _Served:
    """A hub under `url`, its base URL with a slash at its end."""

    def __init__(self, folder: Path, raw: dict, secrets: Path):
        self.folder = folder
        self.folder.mkdir(exist_ok=True)
        self.url = ""
        self.database = folder / "jupyterhub.sqlite"
        self._raw = raw
        self._secrets = secrets

    def visitor(self) -> Visitor:
        return Visitor(self.url)


class _Lines(logging.Handler):
    def __init__(self):
        super().__init__()
        self.text = ""
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))

    def emit(self, record):
        self.text += f"{self.format(record)}\n"


class RunningHub(_Served):
    """A hub in a thread of this process. One at a time."""

    def __enter__(self) -> "RunningHub":
        self._lines = _Lines()
        self._ready = threading.Event()
        self._problem: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(START), self.log
        if self._problem is not None:
            raise self._problem
        return self

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._problem = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()

        async with running_hub(self._raw, Secrets(self._secrets), self.folder, log=self._lines) as started:
            self.url = started.url
            self._ready.set()
            await self._ended.wait()

    def __exit__(self, *_error) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(30)
        assert self._problem is None, self._problem

    @property
    def log(self) -> str:
        return self._lines.text


class HubProcess(_Served):
    """A hub in a process of its own: for several at a time, and for what a process takes."""

    def __enter__(self) -> "HubProcess":
        (self.folder / "settings.json").write_text(json.dumps(self._raw))
        self._log = (self.folder / "log").open("w+")
        paths = [str(Path(__file__).parents[1]), str(Path(__file__).parents[3] / "images" / "hub")]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub_on_docker.app", "--config", __file__],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": ":".join(paths), "SECRETS": str(self._secrets)},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        end = time.monotonic() + START
        while not self._answers():
            assert self._process.poll() is None, self.log
            assert time.monotonic() < end, self.log
            time.sleep(0.1)
        return self

    def _answers(self) -> bool:
        address = self.folder / "url"
        if not address.exists():
            return False
        self.url = address.read_text()
        try:
            return requests.get(f"{self.url}hub/health", timeout=5).ok
        except requests.ConnectionError:
            return False

    def __exit__(self, *_error) -> None:
        self._process.terminate()
        self._process.wait(30)
        self._log.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()


def _of_a_process(get_config: Callable[[], Config]) -> None:
    """This file is the configuration of a hub in a process."""
    raw = json.loads(Path("settings.json").read_text())
    url = configure(get_config(), Path.cwd(), raw, Secrets(Path(os.environ["SECRETS"])))
    part = Path("url.part")
    part.write_text(url)
    part.rename("url")


if "get_config" in globals():
    _of_a_process(globals()["get_config"])
