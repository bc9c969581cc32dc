"""Cookies of two hubs on one host name: names of their own, and what is shared."""

import shutil

import pytest

from helpers.hub import HubProcess, RunningHub
from jupyterhub_on_docker.web.cookies import SESSION, Cookies, ending

ATTRIBUTES = "; HttpOnly; Path=/"


def test_the_ending_is_the_secrets():
    assert ending(b"a" * 32) == ending(b"a" * 32) != ending(b"b" * 32)
    assert ending(b"a" * 32)[1:].isalnum()


def test_a_hub_sees_its_own_cookies_and_no_login_of_another():
    header = "jupyterhub-hub-login=theirs; jupyterhub-hub-login-x=mine; _xsrf=theirs; _xsrf-x=mine; other=1"
    cookies = Cookies(header, "-x", ATTRIBUTES)
    assert cookies.request == "jupyterhub-hub-login=mine; _xsrf=mine; _xsrf=theirs; other=1"
    assert Cookies("jupyterhub-hub-login=old", "-x", ATTRIBUTES).request == ""


def test_what_it_sets_is_its_own_and_xsrf_has_its_plain_name_too():
    set_by_hub = ["jupyterhub-hub-login=abc; Path=/hub/", "_xsrf=t; Path=/hub/"]
    assert Cookies("", "-x", ATTRIBUTES).answer(set_by_hub) == [
        "jupyterhub-hub-login-x=abc; Path=/hub/",
        "_xsrf-x=t; Path=/hub/",
        "_xsrf=t; Path=/hub/",
    ]


@pytest.mark.parametrize(
    ("sent", "answer", "browser"),
    [
        ("", [f"{SESSION}=s; Path=/"], [f"{SESSION}-x=s; Path=/", f"{SESSION}=s; Path=/"]),
        # Another hub's stays, and becomes this one's at the login.
        (
            f"{SESSION}=o",
            ["jupyterhub-hub-login=l"],
            ["jupyterhub-hub-login-x=l", f"{SESSION}-x=o{ATTRIBUTES}"],
        ),
        # Another hub has taken it away.
        (f"jupyterhub-hub-login-x=l; {SESSION}-x=s", [], [f"{SESSION}=s{ATTRIBUTES}"]),
        (f"jupyterhub-hub-login-x=l; {SESSION}-x=s; {SESSION}=o", [], []),
        (
            f"jupyterhub-hub-login-x=l; {SESSION}-x=s; {SESSION}=s",
            [f'{SESSION}=""; Path=/'],
            [f'{SESSION}-x=""; Path=/', f'{SESSION}=""; Path=/'],
        ),
        (f"{SESSION}=o", [], []),
    ],
)
def test_the_session_is_this_hubs_and_its_servers_see_that_there_is_one(sent, answer, browser):
    assert Cookies(sent, "-x", ATTRIBUTES).answer(answer) == browser


def test_two_hubs_on_one_host_name_keep_a_browser_logged_in(raw, secrets_folder, tmp_path):
    others = shutil.copytree(secrets_folder, tmp_path / "others")
    (others / "cookie_secret").write_text("ab" * 32)
    with (
        RunningHub(tmp_path / "one", raw, secrets_folder) as one,
        HubProcess(tmp_path / "two", raw, others) as other,
    ):
        browser, there = one.visitor(), other.visitor()
        there.cookies = browser.cookies
        home = lambda: [who.get("hub/home").status_code for who in (browser, there)]  # noqa: E731
        assert browser.log_in().status_code == 302
        assert home() == [200, 302]
        assert there.log_in().status_code == 302
        assert home() == [200, 200]
        # A page of the first hub that was open all the time can still change something.
        made = browser.post(
            "hub/api/users/alice/tokens", json={}, headers={"X-XSRFToken": own_xsrf(browser, secrets_folder)}
        )
        assert made.status_code == 201, made.text
        assert there.get("hub/logout").status_code == 302
        assert home() == [200, 302]
        assert browser.get("hub/logout").status_code == 302
        assert home() == [302, 302]
        assert "Traceback" not in one.log + other.log


def own_xsrf(browser, secrets_folder):
    secret = (secrets_folder / "cookie_secret").read_text().strip()
    return browser.cookies.get(f"_xsrf{ending(bytes.fromhex(secret))}")
