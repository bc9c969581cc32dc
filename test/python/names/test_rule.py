"""The rule for names of people and groups, and every authenticator's use of it."""

import asyncio
import functools
import json
import unicodedata
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jupyterhub.auth import Authenticator
from tornado.web import HTTPError
from traitlets.config import Config

from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.logins import named
from jupyterhub_on_docker.names import in_settings, rule
from jupyterhub_on_docker.rights.listed import Listed

VECTORS = json.loads((Path(__file__).parents[2] / "fixtures" / "names.json").read_text())
ACCEPTED = [(one["given"], one["name"]) for one in VECTORS["accepted"]]


def sync(test):
    """The test as a plain function."""
    return functools.wraps(test)(lambda *args, **kwargs: asyncio.run(test(*args, **kwargs)))


def short(value) -> str | None:
    return ascii(value)[:40] if isinstance(value, str) else None


def named_class(chosen: type[Authenticator]) -> type[Authenticator]:
    c = Config()
    c.JupyterHub.authenticator_class = chosen
    named.protect(c)
    return c.JupyterHub.authenticator_class


class Service(Authenticator):
    """A login service that says what the test says."""

    allow_all = True

    async def authenticate(self, handler, data):
        return data["model"]


class ListedService(Listed, Service):
    pass


async def login(authenticator, model):
    return await authenticator.get_authenticated_user(None, {"model": model})


@pytest.mark.parametrize(("given_name", "name"), ACCEPTED, ids=short)
def test_what_can_be_a_name_is_one_in_one_spelling(given_name, name):
    assert rule.canonical(given_name) == name
    assert rule.problem(name) is None
    assert rule.canonical(name) == name


@pytest.mark.parametrize("name", VECTORS["refused"], ids=short)
def test_what_cannot_is_refused(name):
    assert rule.problem(rule.canonical(name))


@pytest.mark.parametrize("name", VECTORS["groups"]["accepted"], ids=short)
def test_groups_may_be_called(name):
    assert rule.group_problem(name) is None


@pytest.mark.parametrize("name", VECTORS["groups"]["refused"], ids=short)
def test_groups_may_not_be_called(name):
    assert rule.group_problem(name)


@settings(max_examples=500)
@given(st.text(st.characters(codec=None), max_size=40))
def test_the_rule_of_any_text(text):
    name = rule.canonical(text)
    assert rule.canonical(name) == name
    if rule.problem(name) is None:
        assert unicodedata.normalize("NFC", name) == name
        assert 1 <= len(name) <= 255
        assert not set(name) & set('`"\\/{}')
        assert all(unicodedata.category(one) not in rule._KINDS for one in name)
        # No letter became an ASCII one.
        assert text.isascii() or not name.isascii()
        assert set(name) - {"."}


def test_no_character_of_unicode_becomes_an_ascii_one():
    others = (chr(code) for code in range(0x80, 0x110000))
    assert [one for one in others if rule.canonical(one).isascii()] == []


@pytest.mark.parametrize("chosen", [Service, ListedService])
@pytest.mark.parametrize("name", VECTORS["refused"], ids=short)
@sync
async def test_nobody_logs_in_with_a_refused_name(chosen, name):
    for model in (name, {"name": name, "auth_state": {"secret": 1}}):
        if not name:
            continue
        with pytest.raises(HTTPError) as error:
            await login(named_class(chosen)(), model)
        assert error.value.status_code == 403
        assert "cannot be used on this hub: it " in error.value.log_message


@pytest.mark.parametrize(("given_name", "name"), ACCEPTED, ids=short)
@sync
async def test_all_others_do_under_the_one_spelling(given_name, name):
    model = await login(named_class(ListedService)(), {"name": given_name})
    assert model["name"] == name


@pytest.mark.parametrize("name", [7, None, ["alice"], True, b"alice", {"a": 1}])
@sync
async def test_what_is_no_text_is_nobody(name):
    with pytest.raises(HTTPError, match="is not text"):
        await login(named_class(ListedService)(), {"name": name})


@sync
async def test_a_typed_name_is_refused_before_its_password_is_looked_at():
    class Typed(Authenticator):
        async def authenticate(self, handler, data):
            raise AssertionError("a password was tried")

    with pytest.raises(HTTPError, match="contains the character `"):
        await named_class(Typed)().get_authenticated_user(None, {"username": "eve`", "password": "x"})


@sync
async def test_a_hook_cannot_bring_one_in():
    def hook(authenticator, handler, model):
        return {**model, "name": "eve`"}

    with pytest.raises(HTTPError, match="contains the character `"):
        await login(named_class(Service)(post_auth_hook=hook), "alice")


@sync
async def test_names_of_the_map_and_from_addresses_follow_the_rule():
    authenticator = named_class(ListedService)(
        username_map={"boss@example.org": "Chef", "eve@example.org": "a/b"}, names_from_email=True
    )
    assert (await login(authenticator, "Boss@Example.ORG"))["name"] == "chef"
    assert (await login(authenticator, 'z"`{}@example.org'))["name"].endswith("--example-org")
    with pytest.raises(HTTPError, match="contains the character /"):
        await login(authenticator, "eve@example.org")
    with pytest.raises(HTTPError, match="only looks like one of a-z"):
        await login(authenticator, "\u212aevin@example.org")


@sync
async def test_an_authenticator_that_keeps_capitals_goes_on_doing_so():
    class Capitals(Service):
        def normalize_username(self, username):
            return username

    assert (await login(named_class(Capitals)(), "Ann Lee"))["name"] == "Ann Lee"


@pytest.mark.parametrize("name", ["kevin\u212a", "a`b", "\u200ba", "a" * 256])
def test_the_hub_adds_nobody_with_a_refused_name(name):
    authenticator = named_class(Service)()
    assert not authenticator.validate_username(authenticator.normalize_username(name))
    with pytest.raises(ValueError, match="Invalid username"):
        authenticator.add_user(SimpleNamespace(name=name))


@sync
async def test_who_has_a_refused_name_already_has_to_log_in_anew():
    authenticator = named_class(Service)()
    assert await authenticator.refresh_user(SimpleNamespace(name="alice")) is True
    assert await authenticator.refresh_user(SimpleNamespace(name="eve`")) is False


@sync
async def test_groups_that_are_none_are_left_out():
    groups = ["Fakulta\u0308t Physik", "R&D", "a\nb", "", 7, "x" * 256, "\u212aelvin", "CORP\\physik"]
    model = await login(named_class(Service)(manage_groups=True), {"name": "alice", "groups": groups})
    assert model["groups"] == ["CORP\\physik", "Fakultät Physik", "R&D"]


@pytest.mark.parametrize(
    ("name", "can"),
    [("王小明", True), ("o'brien", True), ("a+b@x.org", True), ("jane doe", False), ("a#b", False)],
)
def test_names_that_people_sign_up_with(name, can):
    assert (rule.sign_up_problem(name) is None) is can
    assert rule.sign_up_problem("x" * 129)


def test_people_are_named_in_groups_and_limits_as_at_the_login_service(raw):
    raw["auth"] = {
        "kind": "oidc",
        "clientId": "hub",
        "clientSecret": "auth_client_secret",
        "issuer": "https://sso.example.org",
        "users": ["J.Doe@uni.example"],
        "usernames": {"fromEmail": True, "map": {"boss@uni.example": "chef"}},
    }
    nothing = {"memory": 1, "swap": None, "cpus": None, "processes": None}
    members = ["J.Doe@uni.example", "j-doe--uni-example", "Boss@uni.example"]
    raw["groups"] = {"staff": {"members": members, "folder": "none", "limits": nothing}}
    raw["users"] = {"j.doe@uni.example": {"limits": nothing}}
    found = in_settings.with_hub_names(Settings.model_validate_json(json.dumps(raw)))
    assert found.groups["staff"].members == ["j-doe--uni-example", "chef"]
    assert list(found.users) == ["j-doe--uni-example"]
