"""A hub that runs takes over what changed for people."""

import asyncio
import functools
import hashlib
import json
import re

import pytest
from jupyterhub import orm

from helpers.hub import Servers, running_hub
from jupyterhub_on_docker import paths, settings_file
from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.errors import SettingsError
from jupyterhub_on_docker.take_over import TAKEN, Watch, take_over


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


def split(raw, folder):
    """The settings as two files, as the program writes them."""
    own, people = json.loads(json.dumps(raw)), {}
    for section, keys in OF_PEOPLE.items():
        for key in keys:
            if key in own.get(section, {}):
                people.setdefault(section, {})[key] = own[section].pop(key)
    for section in ("groups", "users"):
        people[section] = own.pop(section)
    (folder / "config.json").write_text(json.dumps({**own, "people": str(folder / "people.json")}))
    (folder / "people.json").write_text(json.dumps(people))


OF_PEOPLE = {
    "auth": ("users", "admins", "blocked", "allowAll", "allowExistingUsers"),
    "access": ("roles",),
    "pages": ("announcement",),
    "spawner": ("profiles", "limits"),
}


def test_two_files_are_as_one(raw, tmp_path):
    split(raw, tmp_path)
    settings, digest = settings_file.combine(tmp_path / "config.json")
    assert settings == settings_of(raw)
    assert digest == hashlib.sha256((tmp_path / "people.json").read_bytes()).hexdigest()
    assert settings_file.database(tmp_path / "config.json") == settings.database


@pytest.mark.parametrize(
    ("people", "said"),
    [
        ("{", "people.json: not JSON"),
        ("[]", "people.json: expected an object"),
        ('{"groups": {}, "users": {"ann": {"limits": {"memory": -1}}}}', "people.json: users.ann"),
        (None, "people.json: cannot be read"),
    ],
)
def test_what_is_wrong_with_the_second_file_is_said_of_it(raw, tmp_path, people, said):
    split(raw, tmp_path)
    (tmp_path / "people.json").unlink()
    if people is not None:
        (tmp_path / "people.json").write_text(people)
    with pytest.raises(SettingsError, match=re.escape(said)):
        settings_file.read(tmp_path / "config.json")


@in_a_loop
async def test_another_file_is_taken_over_and_a_bad_one_is_not(
    raw, secrets_folder, secrets, tmp_path, monkeypatch
):
    monkeypatch.setattr(paths, "PEOPLE", tmp_path / "people.json")
    monkeypatch.setattr(paths, "SECRETS", secrets_folder)
    split(with_people(raw), tmp_path)

    def taken():
        return json.loads((tmp_path / TAKEN).read_text())

    async with running_hub(with_people(raw), secrets, tmp_path) as hub:
        path = tmp_path / "config.json"
        began = settings_file.digest_of(path)
        watch = Watch(hub.app, began, tmp_path, path)
        assert taken() == {"version": 1, "sha256": began, "problem": None}
        await watch.look()
        assert taken()["sha256"] == began
        split(with_people(raw, announcement="New news"), tmp_path)
        await watch.look()
        assert taken() == {"version": 1, "sha256": settings_file.digest_of(path), "problem": None}
        assert "New news" in (await hub.visitor().ask("login")).body.decode()
        (tmp_path / "people.json").write_text('{"groups": {}, "users": 7}')
        await watch.look()
        assert taken()["sha256"] == settings_file.digest_of(path)
        assert "people.json: users" in taken()["problem"]
        assert "New news" in (await hub.visitor().ask("login")).body.decode()
