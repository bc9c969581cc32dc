"""A notebook server goes on with the hub's last answer while the hub is away, and with no refusal."""

import asyncio
import runpy
from pathlib import Path

import pytest
from jupyterhub.services.auth import HubAuth
from tornado.web import HTTPError

SETTINGS = Path(__file__).parents[3] / "images/notebook-settings/jupyter_server_config.py"
ALICE = {"name": "alice", "kind": "user", "scopes": ["access:servers"]}
HOUR = 3600


class Hub:
    """What the hub answers: a model, None for whom it does not know, an error, or "away"."""

    answer = None
    asked = 0


@pytest.fixture
def hub(monkeypatch):
    hub = Hub()

    async def api_request(_self, _method, _url, /, **_options):
        hub.asked += 1
        if hub.answer == "away":
            try:
                raise ConnectionRefusedError
            except ConnectionRefusedError:
                raise HTTPError(500, "Failed to connect to Hub API")  # noqa: B904 -- as JupyterHub does it
        if isinstance(hub.answer, int):
            raise HTTPError(hub.answer, "the hub's error")
        return hub.answer

    # Put back afterwards, with what the settings replace.
    monkeypatch.setattr(HubAuth, "_check_hub_authorization", HubAuth._check_hub_authorization)
    monkeypatch.setattr(HubAuth, "_api_request", api_request)
    runpy.run_path(str(SETTINGS))
    return hub


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1000.0

    monkeypatch.setattr("time.monotonic", lambda: Clock.now)
    return Clock


@pytest.fixture
def auth():
    return HubAuth(api_token="x", hub_host="", api_url="http://hub:8081/hub/api")


def ask(auth):
    return asyncio.run(auth._check_hub_authorization("http://hub:8081/hub/api/user", "t", cache_key="alice"))


@pytest.mark.parametrize("failure", ["away", 502])
def test_known_person_goes_on_for_hours_and_not_for_ever(hub, clock, auth, failure):
    hub.answer = ALICE
    assert ask(auth) == ALICE
    hub.answer = failure
    for _ in range(11):
        clock.now += HOUR
        assert ask(auth) == ALICE
        asked = hub.asked
        assert ask(auth) == ALICE
        assert hub.asked == asked, "the hub is asked at every request"
    clock.now += 2 * HOUR
    with pytest.raises(HTTPError):
        ask(auth)


def test_whom_the_hub_refused_does_not_go_on(hub, clock, auth):
    hub.answer = ALICE
    ask(auth)
    clock.now += HOUR
    hub.answer = None
    assert ask(auth) is None
    clock.now += HOUR
    hub.answer = "away"
    with pytest.raises(HTTPError):
        ask(auth)


def test_who_was_never_known_stays_outside(hub, clock, auth):
    hub.answer = "away"
    with pytest.raises(HTTPError):
        ask(auth)


def test_other_errors_are_the_hubs_answer(hub, clock, auth):
    hub.answer = ALICE
    ask(auth)
    clock.now += HOUR
    # The server's own token is refused.
    hub.answer = 500
    with pytest.raises(HTTPError):
        ask(auth)


def test_the_hub_is_asked_again_when_it_is_back(hub, clock, auth):
    hub.answer = ALICE
    ask(auth)
    clock.now += HOUR
    hub.answer = "away"
    ask(auth)
    clock.now += HOUR
    hub.answer = {**ALICE, "scopes": []}
    assert ask(auth) == hub.answer
