"""What has to be there before the hub starts.

A hub that cannot ask Docker takes running servers for gone, and forgets them; one that cannot reach its proxy
ends. After an engine's restart all containers come up in no particular order, so it waits.
"""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

import docker
import requests
from docker.errors import DockerException

from ..config import Settings
from ..errors import SettingsError

WAIT = 60.0
"""Seconds. After that the container ends with a message, and Docker starts it again."""


def wait_for_peers(settings: Settings, wait: float = WAIT) -> None:
    """Returns once the Docker API and the reverse proxy answer; SettingsError if not in `wait` seconds."""
    deadline = time.monotonic() + wait
    _until(
        deadline, f"docker.host: no answer from {settings.docker.host}", lambda: _docker(settings.docker.host)
    )
    api = settings.proxy.api_url
    _until(deadline, f"proxy.apiUrl: no answer from {urlsplit(api).netloc}", lambda: _http(api))


def _until(deadline: float, problem: str, check: Callable[[], None]) -> None:
    while True:
        try:
            check()
            return
        except (DockerException, requests.RequestException) as error:
            if time.monotonic() >= deadline:
                raise SettingsError(f"{problem}: {error}") from None
        time.sleep(0.25)


def _docker(host: str) -> None:
    client = docker.APIClient(base_url=host, version="auto", timeout=5)
    try:
        client.ping()
    finally:
        client.close()


def _http(url: str) -> None:
    # Any answer will do: the API asks for the password that the hub has yet to write.
    requests.get(url, timeout=5)
