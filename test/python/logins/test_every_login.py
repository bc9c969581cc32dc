"""Authenticators of extra configuration that have others answer, as jupyterhub-multiauthenticator does."""

import sqlite3

import pytest

MANY = '''
from jupyterhub.auth import Authenticator
from jupyterhub.handlers import BaseHandler
from jupyterhub.handlers.login import LoginHandler


class Inner(Authenticator):
    allow_all = True

    def normalize_username(self, username):
        return username

    async def authenticate(self, handler, data):
        return data["username"] if data["password"] == "right" else None


class Many(Authenticator):
    def get_custom_html(self, base_url):
        return "links"

    def get_handlers(self, app):
        inner = Inner(parent=self.parent, allow_all=True)

        class Wrapped(LoginHandler):
            authenticator = inner

        class Direct(BaseHandler):
            """Asks the other authenticator by itself."""

            async def get(self):
                await self.auth_to_user({"name": self.get_argument("name")})

        return [("/inner/login", Wrapped), ("/direct", Direct)]

    async def authenticate(self, handler, data):
        return None


c.JupyterHub.authenticator_class = Many
c.Authenticator.allow_all = True
c.Authenticator.blocked_users = {"mallory"}
'''
REFUSED = ("eve`) || method(`post", "a\u200bb", "{x}", "a\\b")


@pytest.fixture
def hub(start_hub):
    with start_hub(extra=MANY, attempts=3) as hub:
        yield hub


def log_in(hub, name, password):
    visitor = hub.visitor()
    visitor.get("hub/login")
    form = {"username": name, "password": password, "_xsrf": visitor.xsrf}
    return visitor.post("hub/inner/login", data=form)


def test_passwords_of_an_authenticator_inside_another_are_counted(hub):
    assert log_in(hub, "ann", "right").status_code == 302
    assert log_in(hub, "bob", "right").status_code == 302
    answers = [log_in(hub, name, "wrong").status_code for name in ("bob", "Bob", "bob", "bob")]
    assert answers == [403, 403, 403, 429]
    locked = log_in(hub, "bob", "right")
    assert locked.status_code == 429
    assert int(locked.headers["Retry-After"]) > 800
    assert log_in(hub, "ann", "right").status_code == 302
    assert log_in(hub, "n" * 300, "right").status_code == 403
    assert log_in(hub, "ann", "\0").status_code == 403
    assert "Traceback" not in hub.log


def test_no_login_makes_a_user_with_a_refused_name(hub):
    for name in REFUSED:
        answer = log_in(hub, name, "right")
        assert (answer.status_code, "cannot be used on this hub" in answer.text) == (403, True), name
        assert hub.visitor().get("hub/direct", params={"name": name}).status_code == 403
    for name in ("mallory", "Mallory"):
        assert log_in(hub, name, "right").status_code == 403
        assert hub.visitor().get("hub/direct", params={"name": name}).status_code == 403
    with sqlite3.connect(hub.database) as database:
        assert (
            database.execute("select name from users where name not in ('alice', 'admin')").fetchall() == []
        )
    assert "Traceback" not in hub.log
