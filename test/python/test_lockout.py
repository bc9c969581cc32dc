"""Login lockout: what is counted, who is refused, for how long; and any authenticator behind it."""

import json
from types import SimpleNamespace

import pytest
from jupyterhub.auth import Authenticator
from jupyterhub.authenticators.shared import SharedPasswordAuthenticator
from tornado.web import HTTPError
from traitlets.config import Config

from jupyterhub_on_docker import lockout, traits
from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.errors import SettingsError
from jupyterhub_on_docker.lockout import FailedLogins, LoginLockout, protect


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def logins(clock):
    return FailedLogins(3, 60, 100, clock)


def fail(logins, times, name="alice", address="10.0.0.1"):
    for _ in range(times):
        logins.failed(name, address)


def test_a_name_is_refused_from_the_address_that_failed(logins):
    fail(logins, 2)
    assert logins.locked_for("alice", "10.0.0.1") == 0
    fail(logins, 1)
    assert logins.locked_for("alice", "10.0.0.1") == 100


def test_others_behind_the_address_and_the_owner_elsewhere_are_not(logins):
    fail(logins, 3)
    assert logins.locked_for("bob", "10.0.0.1") == 0
    assert logins.locked_for("alice", "10.0.0.2") == 0


def test_an_address_that_fails_for_all_names_locks_no_other_name(logins):
    for number in range(500):
        fail(logins, 2, name=f"user{number}")
    assert logins.locked_for("alice", "10.0.0.1") == 0


def test_it_ends(logins, clock):
    fail(logins, 3)
    clock.now += 99
    assert logins.locked_for("alice", "10.0.0.1") == 1
    clock.now += 1
    assert logins.locked_for("alice", "10.0.0.1") == 0
    # Counted from nothing again.
    fail(logins, 2)
    assert logins.locked_for("alice", "10.0.0.1") == 0


def test_failures_outside_of_the_window_do_not_count(logins, clock):
    fail(logins, 2)
    clock.now += 60
    fail(logins, 2)
    assert logins.locked_for("alice", "10.0.0.1") == 0
    fail(logins, 1)
    assert logins.locked_for("alice", "10.0.0.1") == 100


def test_a_login_ends_the_count(logins):
    fail(logins, 2)
    logins.succeeded("alice", "10.0.0.1")
    fail(logins, 2)
    assert logins.locked_for("alice", "10.0.0.1") == 0


def test_many_addresses_together_lock_a_name_but_not_where_its_owner_logged_in_before(logins):
    logins.succeeded("alice", "192.0.2.7")
    for number in range(15):
        fail(logins, 2, address=f"10.0.1.{number}")
    assert logins.locked_for("alice", "10.9.9.9") == 100
    assert logins.locked_for("alice", "192.0.2.7") == 0
    assert logins.locked_for("bob", "10.0.1.1") == 0


def test_a_known_address_is_still_locked_for_its_own_failures(logins):
    logins.succeeded("alice", "192.0.2.7")
    fail(logins, 3, address="192.0.2.7")
    assert logins.locked_for("alice", "192.0.2.7") == 100


def test_memory_is_bounded(logins, monkeypatch):
    monkeypatch.setattr(lockout, "LARGEST", 10)
    for number in range(100):
        fail(logins, 3, name=f"user{number}")
        logins.succeeded(f"user{number}", "10.0.0.1")
        fail(logins, 1, name=f"user{number}")
    assert max(len(logins._failures), len(logins._locked), len(logins._known)) <= 10


class OnePassword(Authenticator):
    async def authenticate(self, handler, data):
        if data is None:
            return "from-elsewhere"
        return data["username"] if data["password"] == "right" else None


def handler(address="10.0.0.1"):
    return SimpleNamespace(request=SimpleNamespace(remote_ip=address))


@pytest.fixture
def settings_with(raw):
    def make(**limits):
        raw["hub"]["loginLockout"].update(limits)
        return Settings.model_validate_json(json.dumps(raw))

    return make


@pytest.fixture
def authenticator(settings_with):
    c = Config()
    c.JupyterHub.authenticator_class = OnePassword
    c.OnePassword.allow_all = True
    protect(c, settings_with(attempts=2, duration=100))
    return c.JupyterHub.authenticator_class(config=c)


async def log_in(authenticator, password, name="alice", address="10.0.0.1"):
    data = {"username": name, "password": password}
    return await authenticator.get_authenticated_user(handler(address), data)


@pytest.fixture
def run():
    import asyncio

    return asyncio.run


def test_any_authenticator_can_be_behind_it(authenticator, run):
    async def story():
        assert (await log_in(authenticator, "right"))["name"] == "alice"
        for _ in range(2):
            assert await log_in(authenticator, "wrong") is None
        with pytest.raises(HTTPError) as caught:
            await log_in(authenticator, "right", name="Alice")
        assert caught.value.status_code == 429
        assert "Try again in 2 minutes." in caught.value.log_message
        assert caught.value.headers == {"Retry-After": "100"}
        assert (await log_in(authenticator, "right", name="bob"))["name"] == "bob"

    run(story())


def test_logins_that_happen_elsewhere_are_let_through(authenticator, run):
    async def story():
        for _ in range(5):
            assert (await authenticator.get_authenticated_user(handler(), None))["name"] == "from-elsewhere"

    run(story())


def test_a_name_that_is_not_allowed_counts_too(settings_with, run):
    c = Config()
    c.JupyterHub.authenticator_class = OnePassword
    c.OnePassword.allowed_users = {"bob"}
    protect(c, settings_with(attempts=1))
    authenticator = c.JupyterHub.authenticator_class(config=c)

    async def story():
        assert await log_in(authenticator, "right") is None
        with pytest.raises(HTTPError):
            await log_in(authenticator, "right")

    run(story())


def test_the_configured_class_is_found_by_its_entry_point_and_keeps_its_configuration(settings_with, secrets):
    settings = settings_with(attempts=4, window=5, duration=6)
    c = Config()
    traits.apply(c, settings, secrets)
    protect(c, settings)
    chosen = c.JupyterHub.authenticator_class
    assert issubclass(chosen, LoginLockout)
    assert issubclass(chosen, SharedPasswordAuthenticator)
    authenticator = chosen(config=c)
    assert authenticator.user_password == "user-password"
    assert authenticator.allowed_users == {"alice", "admin"}
    limits = authenticator.lockout_attempts, authenticator.lockout_window, authenticator.lockout_duration
    assert limits == (4, 5, 6)


def test_no_lockout_leaves_the_class_alone(settings_with):
    c = Config()
    c.JupyterHub.authenticator_class = OnePassword
    protect(c, settings_with(attempts=0))
    assert c.JupyterHub.authenticator_class is OnePassword


def test_a_class_that_is_none_is_named(settings_with):
    c = Config()
    c.JupyterHub.authenticator_class = "no.such.Authenticator"
    with pytest.raises(SettingsError, match=r"JupyterHub\.authenticator_class: .*no\.such"):
        protect(c, settings_with())
