"""A hub that runs takes over what changed for people."""

import asyncio
import functools
import json

import pytest
from jupyterhub import orm

from helpers.hub import Servers, running_hub
from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.take_over import needs_restart, take_over


@pytest.fixture(autouse=True)
def _no_servers():
    Servers.running.clear()
    Servers.held.clear()


def in_a_loop(test):
    @functools.wraps(test)
    def run(*arguments, **named):
        asyncio.run(test(*arguments, **named))

    return run


def settings_of(raw: dict) -> Settings:
    return Settings.model_validate_json(json.dumps(raw))


def with_people(raw, users=("alice", "bob"), admins=("admin",), announcement="Old news"):
    auth = {**raw["auth"], "users": list(users), "admins": list(admins)}
    pages = {**raw["pages"], "announcement": {**raw["pages"]["announcement"], "all": announcement}}
    return {**raw, "auth": auth, "pages": pages}


@in_a_loop
async def test_the_announcement_is_another_one(raw, secrets, tmp_path):
    async with running_hub(with_people(raw), secrets, tmp_path) as hub:
        visitor = hub.visitor()
        assert "Old news" in (await visitor.ask("login")).body.decode()
        await take_over(hub.app, settings_of(with_people(raw, announcement="New news")), secrets)
        text = (await visitor.ask("login")).body.decode()
        assert "New news" in text
        assert "Old news" not in text


@in_a_loop
async def test_who_comes_may_log_in_and_who_goes_loses_tokens_and_server(raw, secrets, tmp_path):
    async with running_hub(with_people(raw), secrets, tmp_path) as hub:
        token = hub.token("bob")
        hub.start_server("bob")
        hub.start_server("alice")
        new = with_people(raw, users=("alice", "carol"), admins=("admin", "alice"))
        await take_over(hub.app, settings_of(new), secrets)
        assert hub.app.authenticator.allowed_users == {"alice", "carol", "admin"}
        assert hub.user("carol") is not None
        assert hub.user("alice").admin
        assert Servers.running == {"alice"}
        assert orm.APIToken.find(hub.app.db, token) is None


@in_a_loop
async def test_twice_is_as_once(raw, secrets, tmp_path):
    async with running_hub(with_people(raw), secrets, tmp_path) as hub:
        new = settings_of(with_people(raw, users=("alice",)))
        await take_over(hub.app, new, secrets)
        await take_over(hub.app, new, secrets)
        await take_over(hub.app, settings_of(with_people(raw)), secrets)
        assert hub.app.authenticator.allowed_users == {"alice", "bob", "admin"}


def test_what_is_not_of_people_needs_a_restart(raw):
    old = settings_of(with_people(raw))
    assert not needs_restart(old, settings_of(with_people(raw, users=("zoe",), announcement="x")))
    assert needs_restart(old, settings_of({**raw, "hub": {**raw["hub"], "logLevel": "DEBUG"}}))
