"""Servers that an administrator stops from outside of the hub's pages: `./hub servers stop`."""

import asyncio
import json
import sys

import pytest
from docker.errors import APIError
from tornado.httpclient import AsyncHTTPClient

from helpers.hub import Servers, running_hub
from jupyterhub_on_docker import cli, inside, paths
from jupyterhub_on_docker.web.stop_servers import PURPOSE


@pytest.fixture(autouse=True)
def nobody_runs(monkeypatch):
    monkeypatch.setattr(Servers, "running", set())


def visit(raw, secrets, tmp_path, what):
    """Runs `what` with a hub in which alice and bob have servers."""
    raw["auth"]["users"] = ["alice", "bob"]

    async def run():
        async with running_hub(raw, secrets, tmp_path) as hub:
            for name in ("alice", "bob"):
                hub.start_server(name)
            return await what(hub)

    return asyncio.run(run())


async def stop(hub, secrets, wanted, login=None):
    header = inside.login(secrets.key("cookie_secret"), PURPOSE) if login is None else login
    answer = await AsyncHTTPClient(force_instance=True).fetch(
        f"{hub.url}hub/stop-servers",
        method="POST",
        body=json.dumps(wanted),
        headers={"Authorization": header},
        raise_error=False,
    )
    return answer.code, json.loads(answer.body)["servers"] if answer.code == 200 else None


def stopped(user):
    return {"user": user, "server": "", "problem": None}


def test_one_is_stopped_and_the_others_run_on(raw, secrets, tmp_path):
    async def what(hub):
        assert await stop(hub, secrets, {"user": "alice", "server": None}) == (200, [stopped("alice")])
        assert Servers.running == {"bob"}
        # A second time there is none.
        assert await stop(hub, secrets, {"user": "alice", "server": None}) == (200, [])
        assert await stop(hub, secrets, {"user": "bob", "server": "other"}) == (200, [])
        assert await stop(hub, secrets, {"user": "nobody", "server": None}) == (200, [])
        assert Servers.running == {"bob"}

    visit(raw, secrets, tmp_path, what)


def test_all_are_stopped(raw, secrets, tmp_path):
    async def what(hub):
        code, servers = await stop(hub, secrets, {"user": None, "server": None})
        assert code == 200
        assert sorted(servers, key=lambda one: one["user"]) == [stopped("alice"), stopped("bob")]
        assert Servers.running == set()

    visit(raw, secrets, tmp_path, what)


def test_one_that_does_not_stop_is_told_with_the_reason(raw, secrets, tmp_path, monkeypatch):
    async def fail(_self, now=False):
        raise RuntimeError("the engine is busy")

    monkeypatch.setattr(Servers, "stop", fail)

    async def what(hub):
        code, servers = await stop(hub, secrets, {"user": "alice", "server": None})
        assert code == 200
        assert servers[0]["problem"] == "it still runs: see the hub's log"

    visit(raw, secrets, tmp_path, what)


def test_an_engine_that_fails_for_one_hides_nothing_of_the_others(raw, secrets, tmp_path, monkeypatch):
    poll = Servers.poll

    async def fail(self):
        if self.user.name == "alice":
            raise APIError("the engine is busy")
        return await poll(self)

    monkeypatch.setattr(Servers, "poll", fail)

    async def what(hub):
        code, servers = await stop(hub, secrets, {"user": None, "server": None})
        assert code == 200
        problems = {one["user"]: one["problem"] for one in servers}
        assert "the engine is busy" in problems["alice"]
        assert problems["bob"] is None

    visit(raw, secrets, tmp_path, what)


def test_nobody_else_may(raw, secrets, tmp_path):
    key = secrets.key("cookie_secret")

    async def what(hub):
        token = hub.token("admin") if "admin" in hub.app.users else "x"
        for login in ("", f"token {token}", inside.login(key, "readiness"), inside.login(b"x" * 32, PURPOSE)):
            assert (await stop(hub, secrets, {"user": None, "server": None}, login))[0] == 404, login
        assert Servers.running == {"alice", "bob"}

    visit(raw, secrets, tmp_path, what)


def test_a_hub_that_does_not_answer(raw, secrets_folder, tmp_path, monkeypatch, capsys):
    (tmp_path / "config.json").write_text(json.dumps(raw))
    monkeypatch.setattr(paths, "SETTINGS", tmp_path / "config.json")
    monkeypatch.setattr(paths, "SECRETS", secrets_folder)
    monkeypatch.setattr(paths, "HUB_PORT", 1)
    monkeypatch.setattr(sys, "argv", ["jupyterhub-on-docker", "stop-servers", "--user", "alice"])
    with pytest.raises(SystemExit, match=r"the hub does not answer: .*refused"):
        cli.main()
