"""A filter in front of an engine that records what it is asked."""

import json
from http.client import HTTPConnection

import pytest

from helpers.docker_filter import FILTER, STACK
from helpers.engine import Engine, filtering, serving
from jupyterhub_on_docker.docker_filter import mounts
from jupyterhub_on_docker.docker_filter.settings import FilterSettings


@pytest.fixture
def engine():
    engine = Engine()
    engine.add("jh-user-alice", labels=STACK)
    engine.add("jh-user-new", labels=STACK, status="created", mounts=[("jh-home-new", "/home/jovyan")])
    engine.add("jh-hub", labels=STACK)
    engine.add("jh-user-forged")
    engine.add("other", labels=STACK)
    return engine


@pytest.fixture
def host(tmp_path, monkeypatch):
    """Folders of the host, as the filter's container has them; all belong to root here."""
    host = tmp_path / "host"
    for folder in ("shared", "users/alice", "groups"):
        (host / "srv/tree" / folder).mkdir(parents=True)
    (host / "srv/tree/users/mallory").symlink_to("/etc")
    lstat = mounts.os.lstat

    def of_root(path):
        found = lstat(path)
        values = [0 if at == 4 else value for at, value in enumerate(found[:10])]
        return mounts.os.stat_result(values)

    monkeypatch.setattr(mounts.os, "lstat", of_root)
    monkeypatch.setattr(mounts.Mounts.__init__, "__defaults__", (host,))
    return host


@pytest.fixture
def call(engine, tmp_path, host):
    """Calls the filter; gives status and body."""
    socket = tmp_path / "docker.sock"
    settings = FilterSettings.model_validate({**FILTER, "socket": str(socket)})
    with serving(engine.application(), socket=socket), filtering(settings) as port:

        def send(method, target, body=None, headers=None):
            connection = HTTPConnection("127.0.0.1", port, timeout=10)
            if isinstance(body, dict | list):
                body = json.dumps(body)
            connection.request(method, target, body=body, headers=headers or {})
            answer = connection.getresponse()
            data = answer.read()
            connection.close()
            return answer.status, data

        yield send
