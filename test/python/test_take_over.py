"""A hub that runs takes over what changed for people."""

import asyncio
import functools
import hashlib
import json
import os
import re
from pathlib import Path

import pytest
from jupyterhub import orm

from helpers.hub import Servers, running_hub
from jupyterhub_on_docker import paths, settings_file
from jupyterhub_on_docker import take_over as take_over_module
from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.errors import SettingsError
from jupyterhub_on_docker.rights import servers as rights_of_servers
from jupyterhub_on_docker.take_over import TAKEN, Watch, take_over

FIXTURES = Path(__file__).parents[1] / "fixtures" / "hub-settings"


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


def starting(hub):
    """Bob's server, in the middle of its start."""
    hub.start_server("bob")
    spawner = hub.app.users["bob"].spawners[""]
    spawner._spawn_pending = True
    return spawner


@in_a_loop
async def test_a_server_that_is_starting_is_stopped_once_it_has_started(raw, secrets, tmp_path, monkeypatch):
    monkeypatch.setattr(rights_of_servers, "PAUSE", 0.01)
    async with running_hub(with_people(raw), secrets, tmp_path) as hub:
        spawner = starting(hub)
        await take_over(hub.app, settings_of(with_people(raw, users=("alice",))), secrets)
        assert Servers.running == {"bob"}
        spawner._spawn_pending = False
        async with asyncio.timeout(10):
            while Servers.running:
                await asyncio.sleep(0.01)


@in_a_loop
async def test_who_comes_back_while_the_server_is_starting_keeps_it(raw, secrets, tmp_path, monkeypatch):
    monkeypatch.setattr(rights_of_servers, "PAUSE", 0.01)
    async with running_hub(with_people(raw), secrets, tmp_path) as hub:
        spawner = starting(hub)
        await take_over(hub.app, settings_of(with_people(raw, users=("alice",))), secrets)
        await take_over(hub.app, settings_of(with_people(raw)), secrets)
        spawner._spawn_pending = False
        await asyncio.gather(*rights_of_servers._later)
        assert Servers.running == {"bob"}


@in_a_loop
async def test_a_new_administrator_has_an_account_before_somebody_else_signs_up_with_the_name(
    raw, secrets, tmp_path
):
    native = {**json.loads((FIXTURES / "single-host-native.json").read_text())["auth"]}
    raw = with_people({**raw, "auth": native})
    async with running_hub(raw, secrets, tmp_path) as hub:
        assert hub.app.authenticator.get_user("carol") is None
        await take_over(hub.app, settings_of(with_people(raw, admins=("admin", "carol"))), secrets)
        assert hub.app.authenticator.get_user("carol").is_authorized


@in_a_loop
async def test_all_people_are_looked_at_only_where_their_rights_change(raw, secrets, tmp_path, monkeypatch):
    looks = []
    async with running_hub(with_people(raw), secrets, tmp_path) as hub:
        looked = hub.app.init_users

        async def init_users():
            looks.append(1)
            await looked()

        monkeypatch.setattr(hub.app, "init_users", init_users)
        old, new = settings_of(with_people(raw)), settings_of(with_people(raw, announcement="New news"))
        await take_over(hub.app, new, secrets, old)
        assert looks == []
        assert "New news" in (await hub.visitor().ask("login")).body.decode()
        await take_over(hub.app, settings_of(with_people(raw, users=("alice",))), secrets, new)
        assert looks == [1]
        assert hub.app.authenticator.allowed_users == {"alice", "admin"}


@in_a_loop
async def test_the_next_try_is_made_where_something_else_was_wrong(raw, secrets, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "PEOPLE", tmp_path / "people.json")
    monkeypatch.setattr(take_over_module, "AGAIN", 0.0)
    monkeypatch.setattr(take_over_module, "Secrets", lambda _: secrets)
    split(with_people(raw), tmp_path)
    async with running_hub(with_people(raw), secrets, tmp_path) as hub:
        path = tmp_path / "config.json"
        watch = Watch(hub.app, digest_now(tmp_path), tmp_path, path)
        split(with_people(raw, announcement="New news"), tmp_path)
        with monkeypatch.context() as broken:
            broken.setattr(hub.app, "init_users", failing)
            await watch.look()
        assert "full disk" in json.loads((tmp_path / TAKEN).read_text())["problem"]
        await watch.look()
        assert json.loads((tmp_path / TAKEN).read_text())["problem"] is None


@in_a_loop
async def test_one_that_was_taken_over_in_part_is_taken_back(raw, secrets, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "PEOPLE", tmp_path / "people.json")
    monkeypatch.setattr(take_over_module, "Secrets", lambda _: secrets)
    split(with_people(raw), tmp_path)
    async with running_hub(with_people(raw), secrets, tmp_path) as hub:
        path = tmp_path / "config.json"
        watch = Watch(hub.app, digest_now(tmp_path), tmp_path, path)
        more = with_people(raw, users=("alice", "bob", "mallory"), admins=("admin", "mallory"))
        split({**more, "pages": with_people(raw, announcement="New news")["pages"]}, tmp_path)
        with monkeypatch.context() as broken:
            broken.setattr(hub.app, "init_role_assignment", failing)
            await watch.look()
        assert "Some of them may be in force" in json.loads((tmp_path / TAKEN).read_text())["problem"]
        assert "mallory" in hub.app.authenticator.allowed_users
        # As ./up does with the configuration of before.
        split(with_people(raw), tmp_path)
        await watch.look()
        assert json.loads((tmp_path / TAKEN).read_text())["problem"] is None
        assert hub.app.authenticator.allowed_users == {"alice", "bob", "admin"}
        assert not hub.user("mallory").admin
        assert "Old news" in (await hub.visitor().ask("login")).body.decode()


async def failing():
    raise OSError("full disk")


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
    combined = settings_file.combine(tmp_path / "config.json")
    assert combined.settings == settings_of(raw)
    assert combined.digest == hashlib.sha256((tmp_path / "people.json").read_bytes()).hexdigest()
    assert settings_file.database(tmp_path / "config.json") == combined.settings.database


@pytest.mark.parametrize(
    ("people", "said"),
    [
        ("{", "people.json: not JSON"),
        ("[]", "people.json: expected an object"),
        ('{"groups": {}, "users": {"ann": {"limits": {"memory": -1}}}}', "people.json: users.ann"),
        ("[" * 100_000, "people.json: not JSON"),
        ('{"spawner": {"limits": {"cpus": NaN}}}', "people.json: not JSON"),
        ('{"hub": {"logLevel": "DEBUG"}}', "people.json: 'hub' has no settings of people"),
        ('{"auth": {"kind": "anonymous"}}', "people.json: auth: 'kind' is not a setting of people"),
        ('{"auth": ["alice"]}', "people.json: 'auth' has no settings of people"),
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


def test_what_is_no_file_or_a_huge_one_is_refused(raw, tmp_path, monkeypatch):
    split(raw, tmp_path)
    people = tmp_path / "people.json"
    with monkeypatch.context() as small:
        small.setattr(settings_file, "LARGEST", people.stat().st_size - 1)
        with pytest.raises(SettingsError, match="at most"):
            settings_file.combine(tmp_path / "config.json")
    people.rename(tmp_path / "other.json")
    people.symlink_to(tmp_path / "other.json")
    with pytest.raises(SettingsError, match="got a symbolic link"):
        settings_file.read(tmp_path / "config.json")
    people.unlink()
    os.mkfifo(people)
    with pytest.raises(SettingsError, match="expected a file"):
        settings_file.read(tmp_path / "config.json")


def test_a_hub_starts_with_the_people_of_before_where_their_file_is_bad(raw, tmp_path):
    raw = {**raw, "hub": {**raw["hub"], "dataDir": str(tmp_path)}}
    split(raw, tmp_path)
    path, people = tmp_path / "config.json", tmp_path / "people.json"
    good, problem = settings_file.at_start(path)
    assert problem is None
    people.write_text("{")
    with pytest.raises(SettingsError):
        settings_file.at_start(path)
    (tmp_path / settings_file.LAST).write_bytes(good.people)
    assert settings_file.at_start(path) == (good, f"{people}: not JSON: {JSON_PROBLEM}")
    path.write_text(path.read_text().replace('"version": 1', '"version": 2'))
    with pytest.raises(SettingsError):
        settings_file.at_start(path)


def digest_now(folder):
    return settings_file.digest((folder / "people.json").read_bytes())


JSON_PROBLEM = "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"


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
        began = digest_now(tmp_path)
        watch = Watch(hub.app, began, tmp_path, path)
        assert taken() == {"version": 1, "sha256": began, "problem": None}
        await watch.look()
        assert taken()["sha256"] == began
        assert (tmp_path / settings_file.LAST).read_bytes() == (tmp_path / "people.json").read_bytes()
        split(with_people(raw, announcement="New news"), tmp_path)
        await watch.look()
        assert taken() == {"version": 1, "sha256": digest_now(tmp_path), "problem": None}
        assert "New news" in (await hub.visitor().ask("login")).body.decode()
        (tmp_path / "people.json").write_text('{"groups": {}, "users": 7}')
        await watch.look()
        assert taken()["sha256"] == digest_now(tmp_path)
        assert "people.json: users" in taken()["problem"]
        assert "New news" in (await hub.visitor().ask("login")).body.decode()
        # What is told of is the file that was read, even if there is another one by then.
        bad = b'{"groups": {}, "users": 8}'
        (tmp_path / "people.json").write_bytes(bad)

        def check_and_replace(file, people, check=settings_file._check_keys):
            (tmp_path / "people.json").write_text("another")
            check(file, people)

        with monkeypatch.context() as during:
            during.setattr(settings_file, "_check_keys", check_and_replace)
            await watch.look()
        assert taken()["sha256"] == settings_file.digest(bad)
        # The good one again is no news, and the problem is over.
        split(with_people(raw, announcement="New news"), tmp_path)
        await watch.look()
        assert taken() == {"version": 1, "sha256": digest_now(tmp_path), "problem": None}
