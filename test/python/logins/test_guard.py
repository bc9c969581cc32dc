"""Where logins may come from, asked of a real hub: every kind, and authenticators of extra configuration."""

import sqlite3

import pytest

from helpers.logins import MINIMAL

PASSWORD_KINDS = ("shared-password", "native", "pam", "ldap")


def tokens(hub, name="root", **body):
    """Asks for a token of somebody, with a login in the body."""
    return hub.visitor().post(f"hub/api/users/{name}/tokens", json=body)


CLAIMS = {"email": "root", "sub": "root", "username": "root", "password": "x", "code": "x", "name": "root"}


@pytest.mark.parametrize(("kind", "attempts"), [*((kind, 10) for kind in MINIMAL), ("lti13", 0)])
def test_nobody_logs_in_past_the_handler_that_checks_it(start_hub, kind, attempts):
    keys = {"autoLogin": False} if kind == "anonymous" else {"admins": ["root"]}
    with start_hub(kind, attempts=attempts, **keys) as hub:
        for auth in (CLAIMS, {}, None, [], "root", 1):
            answer = tokens(hub, auth=auth)
            assert answer.status_code == 403, auth
            assert "Logins over the API are turned off" in answer.json()["message"]
        assert tokens(hub).status_code == 403

        if kind not in PASSWORD_KINDS:
            # A form that has the claims in it.
            visitor = hub.visitor()
            answer = visitor.log_in("root", **{key: CLAIMS[key] for key in ("email", "sub", "name")})
            assert answer.status_code == 403
            assert "You cannot log in with this form" in answer.text
            assert visitor.get("hub/home").status_code == 302
            # Without a state there was no login here before.
            for path in ("oauth_callback", "lti13/oauth_callback"):
                for method in ("GET", "POST"):
                    answer = hub.visitor().request(
                        method, f"hub/{path}?code=x&state=x&email=root", data=CLAIMS
                    )
                    assert 400 <= answer.status_code < 500, (method, path)
        assert "Traceback" not in hub.log


@pytest.mark.parametrize("kind", ["shared-password", "native"])
def test_the_api_gives_tokens_for_passwords_where_that_is_set(start_hub, kind):
    password = "admin-password-of-32-characters!!"
    with start_hub(kind, admins=["root"], apiLogin=True) as hub:
        hub.visitor().log_in("root", password)
        made = tokens(hub, auth={"username": "root", "password": password})
        assert made.status_code == 201, made.text
        wrong = tokens(hub, auth={"username": "root", "password": "wrong"})
        assert (wrong.status_code, wrong.json()["message"]) == (403, "Invalid username or password.")
        for auth in (None, {}, {"username": "root"}, {"username": 1, "password": []}, [], "root"):
            assert tokens(hub, auth=auth).status_code == 400, auth
        for password in ("pässwörd", "\0", "\ud800", "x" * 100_000, ""):
            assert tokens(hub, auth={"username": "eve", "password": password}).status_code == 403
        for _ in range(9):
            assert tokens(hub, auth={"username": "Root", "password": "wrong"}).status_code == 403
        locked = tokens(hub, auth={"username": "root", "password": password})
        assert locked.status_code == 429
        assert int(locked.headers["Retry-After"]) > 800
        assert locked.json()["message"].startswith("Too many failed logins.")
        # One count for all ways.
        page = hub.visitor().log_in("root", password)
        assert page.status_code == 429
        assert "Too many failed logins. Try again in 15 minutes." in page.text
        assert "<form" in page.text
        assert "Traceback" not in hub.log


def test_who_is_logged_in_makes_tokens_as_before(start_hub):
    with start_hub(users=["alice"]) as hub:
        visitor = hub.visitor()
        assert visitor.log_in().status_code == 302
        visitor.get("hub/home")
        made = visitor.post("hub/api/users/alice/tokens", json={}, headers={"X-XSRFToken": visitor.xsrf})
        assert made.status_code == 201
        header = {"Authorization": f"token {made.json()['token']}"}
        assert hub.visitor().post("hub/api/users/alice/tokens", headers=header).status_code == 201
        assert visitor.post("hub/api/users/alice/tokens", json={}).status_code == 403


OTHER = """
from jupyterhub.auth import Authenticator
from jupyterhub.handlers import BaseHandler


class Callback(BaseHandler):
    async def get(self):
        await self.login_user({"name": "root"})
        self.redirect(self.hub.base_url + "home")


class Elsewhere(Authenticator):
    async def authenticate(self, handler, data):
        return data["name"]

    def login_url(self, base_url):
        return base_url + "elsewhere"

    def get_handlers(self, app):
        return [("/elsewhere", Callback)]


class Form(Authenticator):
    async def authenticate(self, handler, data):
        return data["username"] if data["secret word"] == "sesame" else None


class NotAsked(BaseHandler):
    async def get(self):
        await self.login_user({"name": "root", "username": "root", "secret word": "sesame"})
        self.redirect(self.hub.base_url + "home")


c.JupyterHub.extra_handlers = [("/not-asked", NotAsked)]
c.Authenticator.admin_users = c.Authenticator.allowed_users = {"root"}
"""


def logs_in(hub, path):
    visitor = hub.visitor()
    answer = visitor.get(path)
    return answer.status_code, visitor.get("hub/home").status_code == 200


def test_an_authenticator_of_extra_configuration_has_its_own_handlers_only(start_hub):
    with start_hub(extra=f"{OTHER}\nc.JupyterHub.authenticator_class = Elsewhere", apiLogin=True) as hub:
        assert logs_in(hub, "hub/elsewhere") == (302, True)
        assert logs_in(hub, "hub/not-asked") == (403, False)
        assert tokens(hub, auth={"name": "root", "username": "root", "password": "x"}).status_code == 403
        assert hub.visitor().log_in("root", name="root").status_code == 403


def test_an_authenticator_of_extra_configuration_keeps_its_form(start_hub):
    allowed = f"{OTHER}\nc.JupyterHub.authenticator_class = Form\nc.LoginGuard.login_handlers = [NotAsked]"
    with start_hub(extra=allowed) as hub:
        assert hub.visitor().log_in("root", None, **{"secret word": "sesame"}).status_code == 302
        assert hub.visitor().log_in("root", None, **{"secret word": "wrong"}).status_code == 403
        assert tokens(hub, auth={"username": "root", "secret word": "sesame"}).status_code == 403
        # A handler that the configuration names may log people in.
        assert logs_in(hub, "hub/not-asked") == (302, True)


FIELDS = [
    (b"username=alice", 400),
    (b"password=x", 400),
    (b"", 400),
    (b"username=alice&password=p%C3%A4ssw%C3%B6rd", 403),
    (b"username=alice&password=%00", 403),
    (b"username=alice&password=user-password%00", 403),
    (b"username=alice&password=my-own%FF%FE", 400),
    (b"username=%FF&password=x", 400),
    (b"username=alice&password=" + b"x" * 100_000, 403),
    (b"username=" + b"n" * 256 + b"&password=user-password", 403),
    (b"username=" + b"n" * 1_000_000 + b"&password=x", 403),
    (b"username=alice&username=bob&password=a&password=b", 403),
    (b"username=&password=", 403),
    (b"username=%ED%A0%80&password=%ED%A0%80", 400),
    (b"username=alice&password=x&2fa=%C4%B0", 403),
    (b"username=alice&password=x&2fa=\xc4\xb0\xff", 400),
]


@pytest.mark.parametrize("kind", ["shared-password", "native"])
def test_no_password_is_an_error_of_the_hub(start_hub, kind):
    with start_hub(kind, users=["alice"]) as hub:
        for body, status in FIELDS:
            visitor = hub.visitor()
            visitor.get("hub/login")
            answer = visitor.post(
                "hub/login",
                data=body + b"&_xsrf=" + visitor.xsrf.encode(),
                headers={"Content-Type": "application/x-www-form-urlencoded"},
            )
            assert answer.status_code == status, (body[:60], answer.status_code)
            assert len(answer.content) < 100_000
            assert "my-own" not in answer.text
        assert "Traceback" not in hub.log
        assert "my-own" not in hub.log


def test_the_old_password_of_a_change_is_one_more_to_guess(start_hub):
    password = "admin-password-of-32-characters!!"
    with start_hub("native", attempts=3, admins=["root"]) as hub:
        visitor = hub.visitor()
        assert visitor.log_in("root", password).status_code == 302
        visitor.get("hub/change-password")
        for _ in range(3):
            answer = change(visitor, "wrong")
            assert (answer.status_code, "password was incorrect" in answer.text) == (200, True)
        assert change(visitor, password).status_code == 429
        assert hub.visitor().log_in("root", password).status_code == 429
        assert "Traceback" not in hub.log


def change(visitor, old, new="another-long-password"):
    form = {"old_password": old, "new_password": new, "new_password_confirmation": new, "_xsrf": visitor.xsrf}
    return visitor.post("hub/change-password", data=form)


def test_natives_own_lockout_answers_like_the_other(start_hub):
    with start_hub("native", attempts=0, admins=["root"], lockout={"attempts": 2, "seconds": 600}) as hub:
        assert [hub.visitor().log_in("root", "wrong").status_code for _ in range(3)] == [403, 403, 429]
        answer = hub.visitor().log_in("root", "admin-password-of-32-characters!!")
        assert answer.status_code == 429
        assert 500 < int(answer.headers["Retry-After"]) <= 600
        assert "Too many failed logins. Try again in 10 minutes." in answer.text


REFUSED = [
    {"image": "debian"},
    {"profile": "small"},
    {"user_options": {"image": "debian"}},
    {"display_name": "Mine", "user_options": {"image": "debian"}},
]


def test_refused_options_leave_nothing_behind(start_hub, raw):
    raw["servers"]["named"] = 3
    with start_hub(users=["alice"]) as hub:
        visitor = hub.visitor()
        visitor.log_in()
        visitor.get("hub/home")
        visitor.headers["X-XSRFToken"] = visitor.xsrf
        for path in ("server", "servers/", "servers/mine"):
            for body in REFUSED:
                assert visitor.post(f"hub/api/users/alice/{path}", json=body).status_code == 400, (path, body)
        for body in REFUSED:
            assert visitor.put("hub/api/users/alice/servers/mine", json=body).status_code == 400
        for body in REFUSED[2:]:
            assert visitor.patch("hub/api/users/alice/servers/", json=body).status_code == 400
        assert visitor.put("hub/api/users/alice/servers/yours", json={}).status_code == 201
        for body in REFUSED[2:]:
            assert visitor.patch("hub/api/users/alice/servers/yours", json=body).status_code == 400
        with sqlite3.connect(hub.database) as database:
            kept = database.execute(
                "select name, user_options from spawners where user_options != '{}'"
            ).fetchall()
            names = database.execute("select name from spawners where name != ''").fetchall()
        assert kept == []
        assert names == [("yours",)]
        assert "Traceback" not in hub.log
