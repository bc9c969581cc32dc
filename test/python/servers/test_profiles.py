"""Profiles: who may have which, the form, and what a choice sets on a real spawner."""

import asyncio
import json
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from jupyterhub.objects import Hub
from tornado import web
from traitlets.config import Config

from jupyterhub_on_docker import traits
from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.config.profiles import GpuRequest
from jupyterhub_on_docker.servers.profiles import ServerProfiles, device_requests
from jupyterhub_on_docker.spawners.docker import OwnedHomeDockerSpawner


def profile(slug, **changes):
    return {
        "slug": slug,
        "name": slug.title(),
        "description": "",
        "default": False,
        "image": f"sha256:{slug}",
        "command": None,
        "startPage": None,
        "environment": {},
        "limits": {},
        "gpus": None,
        "users": [],
        "groups": [],
        **changes,
    }


PROFILES = [
    profile("small", description='For <all> & "sundry"'),
    profile(
        "large",
        default=True,
        command=["start", "--debug"],
        startPage="/tree",
        environment={"LANG": "de_DE.UTF-8", "KIND": "large"},
        limits={"memory": 4294967296, "swap": 1024, "cpus": 4.0, "processes": 1024},
        gpus={"count": -1, "ids": []},
    ),
    profile("physics", groups=["physics", "chemistry"], users=["bob"]),
]


@pytest.fixture
def make(raw, secrets, monkeypatch):
    """Makes a spawner as the hub does, for a person in some groups, with what they chose last time."""

    def make(name="alice", groups=(), last=None, request=None, profiles=PROFILES):
        raw["spawner"]["profiles"] = profiles
        c = Config()
        traits.apply(c, Settings.model_validate_json(json.dumps(raw)), secrets)
        user = SimpleNamespace(
            name=name,
            url=f"/user/{name}/",
            id=1,
            settings={},
            escaped_name=name,
            admin=False,
            groups=[SimpleNamespace(name=group) for group in groups],
        )
        spawner = OwnedHomeDockerSpawner(
            config=c,
            user=user,
            hub=Hub(),
            user_options=last or {},
            orm_spawner=SimpleNamespace(name="", server=None, user_options=last or {}),
        )
        if request is not None:
            spawner.handler = SimpleNamespace(request=SimpleNamespace(body=request, query_arguments={}))
        return spawner

    return make


class Inputs(HTMLParser):
    """Radio buttons of a form, and the texts of their labels."""

    def __init__(self, html):
        super().__init__()
        self.buttons = []
        self.texts = []
        self.labels = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "input":
            self.buttons.append(dict(attrs))
        if tag == "label":
            self.labels.append(dict(attrs)["for"])

    def handle_data(self, data):
        self.texts.append(data)


async def form(spawner):
    return Inputs(await spawner.get_options_form())


def run(awaitable):
    return asyncio.run(awaitable)


@pytest.mark.parametrize(
    ("name", "groups", "allowed"),
    [
        ("alice", [], ["small", "large"]),
        ("alice", ["biology"], ["small", "large"]),
        ("alice", ["chemistry"], ["small", "large", "physics"]),
        ("bob", [], ["small", "large", "physics"]),
    ],
)
def test_the_form_has_the_profiles_that_a_person_may_have(make, name, groups, allowed):
    found = run(form(make(name, groups)))
    assert [button["value"] for button in found.buttons] == allowed
    assert [button["id"] for button in found.buttons] == found.labels
    assert {button["name"] for button in found.buttons} == {"profile"}


def test_the_form_is_escaped_and_describes_its_buttons(make):
    html = run(make().get_options_form())
    assert "For &lt;all&gt; &amp; &#34;sundry&#34;" in html
    assert "<all>" not in html
    first, second = Inputs(html).buttons
    assert first["aria-describedby"] == "profile-small-description"
    assert 'id="profile-small-description"' in html
    assert "aria-describedby" not in second


@pytest.mark.parametrize(
    ("last", "selected"),
    [
        (None, "large"),
        ({"profile": "small"}, "small"),
        ({"profile": "physics"}, "large"),
        ({"profile": "gone"}, "large"),
    ],
)
def test_the_last_choice_is_selected_else_the_default(make, last, selected):
    found = run(form(make(last=last)))
    assert [button["value"] for button in found.buttons if "checked" in button] == [selected]


def test_the_first_is_selected_where_none_is_the_default(make):
    found = run(form(make(profiles=[profile("one"), profile("two")])))
    assert [button["value"] for button in found.buttons if "checked" in button] == ["one"]


@pytest.mark.parametrize("profiles", [[], [profile("one")], [profile("one"), profile("two", users=["bob"])]])
def test_nothing_is_asked_where_there_is_nothing_to_choose(make, profiles):
    assert run(make(profiles=profiles).get_options_form()) == ""


def test_data_of_the_form_becomes_an_option(make):
    spawner = make()
    assert spawner.options_from_form({"profile": ["small"], "image": ["x"]}) == {"profile": "small"}
    assert spawner.options_from_form({}) == {}


def apply(spawner, options):
    run(spawner._run_apply_user_options(options))
    return spawner


def test_a_choice_sets_image_command_page_environment_limits_and_gpus(make):
    spawner = apply(make(), {"profile": "large"})
    assert spawner.image == "sha256:large"
    assert spawner.cmd == ["start", "--debug"]
    assert spawner.default_url == "/tree"
    plain = make(profiles=[]).environment
    assert plain["LANG"] == "C.UTF-8"
    assert spawner.environment == {**plain, "LANG": "de_DE.UTF-8", "KIND": "large"}
    limits = spawner.resolve_limits(spawner.person)
    assert limits.model_dump(exclude_none=True) == {
        "memory": 4294967296,
        "swap": 1024,
        "cpus": 4.0,
        "processes": 1024,
    }
    host = spawner.extra_host_config
    assert host["device_requests"] == [
        {"Driver": "", "Count": -1, "DeviceIDs": [], "Capabilities": [["gpu"]], "Options": {}}
    ]
    assert host["cap_drop"] == ["ALL"]


def test_a_person_goes_over_groups_the_profile_and_all_servers(make, raw, secrets):
    one = {"members": ["alice"], "folder": "none", "limits": {}}
    raw["groups"] = {
        "a": {**one, "environment": {"GROUP": "a", "WHO": "{username} of a"}},
        "b": {**one, "environment": {"GROUP": "b", "KIND": "b"}, "secrets": {"KEY": "groups_b"}},
        "c": {**one, "members": [], "environment": {"GROUP": "c", "C": "c"}},
    }
    raw["users"] = {"alice": {"limits": {}, "environment": {"WHO": "me", "JUPYTERHUB_USER": "bob"}}}
    hidden = {"KEY": "notebook_1", "LICENSE": "notebook_1"}
    for name in ("groups_b", "notebook_1"):
        (secrets._folder / name).write_text(f"value of {name}")
    profiles = [profile("one", environment={"KIND": "one", "AT": "/{username}"}, secrets=hidden)]
    profiles.append(profile("two"))
    spawner = apply(make(profiles=profiles), {"profile": "one"})
    before = dict(spawner.environment)
    found = spawner._variables(spawner.environment)
    wanted = {
        "GROUP": "a",
        "KIND": "b",
        "KEY": "value of groups_b",
        "LICENSE": "value of notebook_1",
        "WHO": "me",
        "AT": "/alice",
    }
    assert {name: found[name] for name in wanted} == wanted
    assert "C" not in found
    assert "value of" not in str(spawner.user_options)
    # The next start begins with what was there.
    assert spawner.environment == before
    other = apply(spawner, {"profile": "two"})
    assert "LICENSE" not in other._variables(other.environment)


def test_groups_of_the_settings_open_a_profile_too(make, raw):
    raw["groups"] = {"physics": {"members": ["alice"], "folder": "none", "limits": {}}}
    assert apply(make(), {"profile": "physics"}).image == "sha256:physics"


def test_nothing_of_an_earlier_choice_stays(make):
    spawner = apply(apply(make(), {"profile": "large"}), {"profile": "small"})
    plain = make(profiles=[])
    assert spawner.image == "sha256:small"
    for name in ("cmd", "default_url", "environment", "extra_host_config"):
        assert (getattr(spawner, name) or None) == (getattr(plain, name) or None), name
    assert spawner.resolve_limits(spawner.person) == plain.resolve_limits(plain.person)


def test_nothing_of_a_profile_stays_where_there_are_none_any_more(make):
    spawner = apply(make(), {"profile": "large"})
    plain = make(profiles=[])
    spawner.apply_user_options = plain.apply_user_options
    spawner.settings = plain.settings
    apply(spawner, {})
    for name in ("image", "cmd", "default_url", "environment", "extra_host_config"):
        assert (getattr(spawner, name) or None) == (getattr(plain, name) or None), name
    assert spawner.resolve_limits(spawner.person) == plain.resolve_limits(plain.person)


def test_without_a_choice_it_is_the_last_one_or_the_default(make):
    spawner = apply(make(), {})
    assert spawner.image == "sha256:large"
    # Said to whoever asks, such as the idle culler.
    assert spawner.user_options == spawner.orm_spawner.user_options == {"profile": "large"}
    # A hub that finds the server, and not in its database, takes it from there.
    assert spawner.get_env()["JUPYTERHUB_PROFILE"] == "large"
    assert "JUPYTERHUB_PROFILE" not in make(profiles=[]).get_env()
    assert apply(make(), {"profile": "small"}).image == "sha256:small"
    # What was kept from the last start is no choice now: it may have gone meanwhile.
    for kept in ("gone", "physics"):
        assert apply(make(request=b""), {"profile": kept}).image == "sha256:large"


@pytest.mark.parametrize(
    ("options", "status", "message"),
    [
        ({"profile": "gone"}, 400, "There is no such profile. You may have: small, large."),
        ({"profile": "physics"}, 403, "The profile physics is not open to you. You may have: small, large."),
        ({"profile": ["small"]}, 400, "There is no such profile. You may have: small, large."),
        ({"profile": "small", "image": "x"}, 400, "Unknown server option: image. There is: profile."),
    ],
)
def test_a_choice_that_is_none_is_refused(make, options, status, message):
    spawner = make(request=json.dumps(options).encode(), last=options)
    with pytest.raises(web.HTTPError) as error:
        apply(spawner, options)
    assert (error.value.status_code, error.value.log_message) == (status, message)
    # The hub has kept it already, for starts that ask for nothing.
    assert spawner.user_options == spawner.orm_spawner.user_options == {}
    assert apply(make(request=b""), options).image in ("sha256:small", "sha256:large")


def test_who_may_have_no_profile_is_told_so(make):
    with pytest.raises(web.HTTPError) as error:
        apply(make(profiles=[profile("one", users=["bob"])]), {})
    assert error.value.status_code == 403
    assert "Ask an administrator" in error.value.log_message


def test_without_profiles_a_choice_is_refused(make):
    with pytest.raises(web.HTTPError) as error:
        apply(make(profiles=[], request=b"{}"), {"profile": "small"})
    assert error.value.status_code == 400


@pytest.mark.parametrize("kept", [{"profile": "small"}, {"image": "debian"}, {"image": ["x"], "profile": 1}])
def test_what_an_earlier_start_was_refused_is_forgotten(make, kept):
    for profiles in ([], PROFILES):
        spawner = apply(make(profiles=profiles, request=b"", last=kept), kept)
        assert "image" not in spawner.user_options
        assert spawner.user_options == spawner.orm_spawner.user_options


def test_images_are_those_of_all_profiles_each_once(make, settings):
    profiles = [profile("one", image="sha256:1234"), profile("two")]
    servers = settings.spawner.model_validate(
        {**settings.spawner.model_dump(by_alias=True), "profiles": profiles}
    )
    assert ServerProfiles(servers, {}, {}).images == ["sha256:1234", "sha256:two"]


def test_gpus_are_asked_for_by_count_or_id():
    assert device_requests(None) == {}
    (by_count,) = device_requests(GpuRequest(count=2, ids=[]))["device_requests"]
    assert (by_count["Count"], by_count["DeviceIDs"]) == (2, [])
    (by_id,) = device_requests(GpuRequest(count=0, ids=["0", "1"]))["device_requests"]
    assert (by_id["Count"], by_id["DeviceIDs"]) == (0, ["0", "1"])
