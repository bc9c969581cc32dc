"""Servers that are started to see whether they do, one from each image: the real hub, spawner and filter."""

import asyncio
from datetime import UTC, datetime

import pytest
from jupyterhub import orm

from helpers.hub_on_engine import add
from jupyterhub_on_docker import try_servers
from jupyterhub_on_docker.servers import listening
from jupyterhub_on_docker.servers.running import TRIAL_VARIABLE

IMAGE = "sha256:1234"


@pytest.fixture
def profiles(raw):
    """Two of one image, the first for a group that nobody is in."""
    common = {
        "description": "",
        "default": False,
        "image": IMAGE,
        "command": None,
        "startPage": None,
        "environment": {},
        "limits": {},
        "gpus": None,
        "users": [],
        "groups": [],
    }
    raw["spawner"]["profiles"] = [
        {**common, "slug": "closed", "name": "Closed", "groups": ["x"], "environment": {"KIND": "closed"}},
        {**common, "slug": "open", "name": "Open", "default": True},
    ]


def tried_on(hub, **changes):
    """What the trial says, and what the hub's database and the routes have afterwards."""

    async def main():
        async with hub(**changes) as started:
            tried = await try_servers.try_all(started.app)
            names = {name for (name,) in started.app.db.query(orm.User.name)}
            return tried, names

    return asyncio.run(main())


def made(engine):
    return next(body for body in engine.bodies if "HostConfig" in body and "Env" in body)


def test_a_server_of_nobodys_starts_answers_and_is_removed(hub, engine, tmp_path):
    (tried,), names = tried_on(hub)
    assert (tried.image, tried.profiles, tried.problem, tried.log) == (IMAGE, [], None, ())
    assert engine.containers == {}
    assert not any(name.startswith("trial") for name in names)
    assert not [path for path in (tmp_path / "data").rglob("*") if "trial" in path.name]
    body = made(engine)
    assert not body["HostConfig"].get("Binds")
    assert "POST /v1.41/volumes/create" not in engine.calls
    environment = dict(line.split("=", 1) for line in body["Env"])
    assert environment[TRIAL_VARIABLE] == "true"
    assert environment["JUPYTERHUB_ROOT_DIR"] == "/tmp"
    assert environment["JUPYTERHUB_API_URL"].endswith("/base/hub/api")
    assert environment["JUPYTERHUB_SERVICE_PREFIX"].startswith("/base/user/trial")


@pytest.mark.usefixtures("profiles")
def test_each_image_is_tried_once_whoever_may_choose_it(hub, engine):
    (tried,), _ = tried_on(hub)
    assert (tried.profiles, tried.problem) == (["Closed", "Open"], None)
    assert "KIND=closed" in made(engine)["Env"]


def test_an_image_that_is_gone_is_the_reason(hub, engine):
    engine.image = None
    (tried,), _ = tried_on(hub)
    assert "no such image" in tried.problem
    assert "./up" in tried.problem
    assert engine.containers == {}


def test_one_that_does_not_answer_is_removed_and_its_log_told(hub, engine, monkeypatch):
    monkeypatch.setattr(listening, "LONGEST", 0.1)
    engine.said = "starting\nstill starting\n"

    def silent(c):
        c.DockerSpawner.port = 1
        c.Spawner.http_timeout = 1

    (tried,), _ = tried_on(hub, change=silent)
    assert tried.problem.startswith("no answer within 1 s (servers.httpTimeout)")
    assert tried.log == ["starting", "still starting"]
    assert engine.containers == {}


def test_one_that_ends_says_why(hub, engine, monkeypatch):
    async def wait(_address, _port, poll):
        (name,) = engine.containers
        engine.end(name, 1)
        return await poll()

    monkeypatch.setattr(listening, "wait", wait)
    engine.said = "no module named jupyterlab\n"
    (tried,), _ = tried_on(hub)
    assert tried.problem == "ended before it answered: ended with an error (exit code 1)"
    assert tried.log == ["no module named jupyterlab"]
    assert engine.containers == {}


def test_a_spawner_of_the_configurations_own_is_not_tried(hub):
    def other(c):
        c.JupyterHub.spawner_class = "simple"

    assert tried_on(hub, change=other)[0] == []


def test_the_hub_leaves_one_that_is_being_tried_and_removes_one_that_was_left(hub, engine):
    async def main():
        async with hub() as started:
            add(engine, "trial0000", **{TRIAL_VARIABLE: "true"})
            now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}Z"
            engine.containers["jh-user-trial0000"]["Created"] = now
            await started.app.end_unknown_servers()
            assert list(engine.containers) == ["jh-user-trial0000"]
            engine.containers["jh-user-trial0000"]["Created"] = "2026-01-01T00:00:00Z"
            await started.app.end_unknown_servers()
            assert engine.containers == {}

    asyncio.run(main())


def test_one_that_was_left_is_never_adopted(hub, engine, caplog):
    add(engine, "alice", **{TRIAL_VARIABLE: "true"})

    async def main():
        async with hub() as started:
            await started.app.ending
            assert engine.containers == {}

    asyncio.run(main())
    assert "it is a trial that was not removed" in caplog.text
