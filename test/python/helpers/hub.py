"""A real hub, without Docker and without a reverse proxy, for tests of what it answers.

Settings, secrets, extra configuration and what protects logins are as in the image.
"""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import requests

START = 60.0
"""Seconds for a hub to answer."""

CONFIGURATION = """
import json, sys
from pathlib import Path

sys.path.insert(0, {tests!r})
from jupyterhub.proxy import Proxy
from jupyterhub_on_docker import extra_config, protection, traits
from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.secrets import Secrets

folder = Path({folder!r})
c = get_config()
settings = Settings.model_validate_json((folder / "settings.json").read_text())
secrets = Secrets(folder / "secrets")
traits.apply(c, settings, secrets)


class NoProxy(Proxy):
    should_start = False

    async def get_all_routes(self):
        return {{}}

    async def add_route(self, routespec, target, data):
        pass

    async def delete_route(self, routespec):
        pass


c.JupyterHub.proxy_class = NoProxy
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_connect_url = "http://127.0.0.1:{port}"
c.JupyterHub.services = []
c.JupyterHub.load_roles = []
extra_config.run(c, settings, secrets)
protection.protect(c, settings)
"""


class RunningHub:
    """A hub under `url`, its base URL with a slash at its end."""

    def __init__(self, folder: Path, raw: dict, secrets: dict[str, str]):
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}{raw['hub']['baseUrl']}"
        self.database = folder / "hub.sqlite"
        raw = {**raw, "database": {"kind": "sqlite", "path": str(self.database)}}
        raw["hub"] = {**raw["hub"], "dataDir": str(folder), "publicUrl": self.url}
        (folder / "settings.json").write_text(json.dumps(raw))
        (folder / "secrets").mkdir(exist_ok=True)
        for name, text in secrets.items():
            (folder / "secrets" / name).write_text(text)
        package = str(Path(__file__).parents[2] / "images" / "hub")
        configuration = CONFIGURATION.format(tests=package, folder=str(folder), port=self.port)
        (folder / "configuration.py").write_text(configuration)

    def __enter__(self) -> "RunningHub":
        self._log = (self.folder / "log").open("w+")
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "images" / "hub")}
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "jupyterhub_on_docker.app",
                "--config",
                str(self.folder / "configuration.py"),
            ],
            cwd=self.folder,
            env=environment,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        end = time.monotonic() + START
        while True:
            try:
                if requests.get(f"{self.url}hub/health", timeout=5).ok:
                    return self
            except requests.ConnectionError:
                assert self._process.poll() is None, self.log
                assert time.monotonic() < end, self.log
            time.sleep(0.1)

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

    def visitor(self) -> "Visitor":
        return Visitor(self.url)


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
