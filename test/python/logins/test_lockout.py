"""Login lockout: what is counted, who is refused, for how long; and any authenticator behind it."""

import asyncio
import json
import math
from types import SimpleNamespace

import pytest
from jupyterhub.auth import Authenticator
from jupyterhub.authenticators.shared import SharedPasswordAuthenticator
from tornado.web import HTTPError
from traitlets.config import Config

from jupyterhub_on_docker import traits
from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.errors import SettingsError
from jupyterhub_on_docker.logins import failed_logins
from jupyterhub_on_docker.logins.failed_logins import FailedLogins, Limit
from jupyterhub_on_docker.logins.guard import LoginGuard, LoginPage
from jupyterhub_on_docker.logins.lockout import LoginLockout, protect


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
    monkeypatch.setattr(failed_logins, "LARGEST", 10)
    for number in range(100):
        fail(logins, 3, name=f"user{number}")
        logins.succeeded(f"user{number}", "10.0.0.1")
        fail(logins, 1, name=f"user{number}" * 1000, address="x" * 10_000)
    assert max(len(logins._counts), len(logins._known)) <= 10
    assert {len(key) for key in (*logins._counts, *logins._known)} == {16}
    assert all(len(count.times) <= 30 for count in logins._counts.values())


def test_failures_of_other_names_flush_no_lock_and_no_count_of_others(logins, monkeypatch):
    monkeypatch.setattr(failed_logins, "LARGEST", 200)
    monkeypatch.setattr(failed_logins, "FEW", 20)
    fail(logins, 3, name="bob", address="10.0.0.9")
    fail(logins, 2, name="ann", address="10.0.0.2")
    fail(logins, 1, name="eve", address="10.0.0.3")
    for number in range(2000):
        fail(logins, 2, name=f"n{number}", address="10.0.0.9")
    assert len(logins._counts) <= 200
    assert logins.locked_for("bob", "10.0.0.9") == 100
    fail(logins, 1, name="ann", address="10.0.0.2")
    assert logins.locked_for("ann", "10.0.0.2") == 100
    fail(logins, 2, name="eve", address="10.0.0.3")
    assert logins.locked_for("eve", "10.0.0.3") == 100


def test_attempts_count_when_they_begin_and_are_taken_back_when_they_succeed(logins):
    begun = [logins.begin("alice", "10.0.0.1") for _ in range(3)]
    assert logins.locked_for("alice", "10.0.0.1") == 100
    logins.take_back(begun[0])
    assert logins.locked_for("alice", "10.0.0.1") == 0
    begun[0] = logins.begin("alice", "10.0.0.1")
    assert logins.locked_for("alice", "10.0.0.1") == 100
    logins.succeeded("alice", "10.0.0.1", begun[0])
    assert logins.locked_for("alice", "10.0.0.1") == 0


def test_the_owners_login_does_not_open_the_name_for_others(logins):
    logins.succeeded("alice", "192.0.2.7")
    for number in range(30):
        fail(logins, 1, address=f"10.0.1.{number}")
    for _ in range(5):
        logins.succeeded("alice", "192.0.2.7", logins.begin("alice", "192.0.2.7"))
    assert logins.locked_for("alice", "10.9.9.9") == 100


def test_a_limit_of_the_name_spares_no_address(clock):
    logins = FailedLogins(0, 1, 1, clock, Limit(2, math.inf, 50))
    logins.succeeded("alice", "192.0.2.7")
    fail(logins, 1)
    clock.now += 10_000
    fail(logins, 1, address="10.0.0.2")
    assert logins.locked_for("alice", "192.0.2.7") == 50
    assert logins.locked_for("bob", "10.0.0.1") == 0


class OnePassword(Authenticator):
    async def authenticate(self, handler, data):
        if data is None:
            return "from-elsewhere"
        return data["username"] if data["password"] == "right" else None


def handler(address="10.0.0.1"):
    """The login page, as an authenticator sees it."""
    page = LoginPage.__new__(LoginPage)
    page.request = SimpleNamespace(remote_ip=address, headers={})
    return page


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


def test_without_a_lockout_the_guard_is_there(settings_with, run):
    c = Config()
    c.JupyterHub.authenticator_class = OnePassword
    c.OnePassword.allow_all = True
    protect(c, settings_with(attempts=0))
    authenticator = c.JupyterHub.authenticator_class(config=c)
    assert isinstance(authenticator, LoginGuard)

    async def story():
        for _ in range(50):
            assert await log_in(authenticator, "wrong") is None
        assert (await log_in(authenticator, "right"))["name"] == "alice"

    run(story())


class Slow(OnePassword):
    """Tells how many passwords were tried, and lets all logins begin before the first ends."""

    tried = 0

    async def authenticate(self, handler, data):
        self.tried += 1
        await asyncio.sleep(0)
        if data["password"] == "down":
            raise HTTPError(503, "The login service cannot be reached.")
        return await super().authenticate(handler, data)


@pytest.fixture
def slow(settings_with):
    c = Config()
    c.JupyterHub.authenticator_class = Slow
    c.Slow.allow_all = True
    protect(c, settings_with(attempts=10))
    return c.JupyterHub.authenticator_class(config=c)


async def together(authenticator, *logins):
    """Names of who got in, None for a wrong password, and status codes."""
    begun = (log_in(authenticator, *login) for login in logins)
    answers = await asyncio.gather(*begun, return_exceptions=True)
    return [one["name"] if isinstance(one, dict) else getattr(one, "status_code", None) for one in answers]


def test_logins_at_the_same_time_are_no_more_than_one_after_the_other(slow, run):
    answers = run(together(slow, *[("wrong",)] * 299, ("right",)))
    assert slow.tried == 10
    assert answers == [None] * 10 + [429] * 290


def test_a_right_password_among_them_is_taken_back(slow, run):
    assert run(together(slow, *[("wrong",)] * 9, ("right",))) == [None] * 9 + ["alice"]
    assert run(together(slow, *[("right",)] * 10)) == ["alice"] * 10


def test_a_login_service_that_is_down_locks_nobody(slow, run):
    assert set(run(together(slow, *[("down",)] * 10))) == {503}
    assert set(run(together(slow, *[("down",)] * 10))) == {503}


def test_a_lecture_behind_one_address_is_not_locked(slow, run):
    first = [("wrong", f"user{number}") for number in range(120)]
    assert set(run(together(slow, *first))) == {None}
    then = [("right", f"user{number}") for number in range(120)]
    assert run(together(slow, *then)) == [f"user{number}" for number in range(120)]


@pytest.mark.parametrize("name", ["n" * 256, "n" * 10_000_000, "\ud800", "a\0b"])
def test_names_that_nobody_has_are_not_looked_at(slow, run, name):
    assert run(together(slow, *[("right", name)] * 20)) == [None] * 20
    assert slow.tried == 0
    assert len(slow._failed_logins._counts) == 0


def test_a_class_that_is_none_is_named(settings_with):
    c = Config()
    c.JupyterHub.authenticator_class = "no.such.Authenticator"
    with pytest.raises(SettingsError, match=r"JupyterHub\.authenticator_class: .*no\.such"):
        protect(c, settings_with())
