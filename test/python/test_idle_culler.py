"""The idle culler against a small hub that checks scopes as the real one does in the end-to-end suite."""

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from jupyterhub_on_docker import idle_culler
from jupyterhub_on_docker.config import Group, Idle, SomeLimits
from jupyterhub_on_docker.idle_culler import Limits


def idle(exceptions=(), **values):
    given = {
        "timeout": 100,
        "maxAge": None,
        "checkInterval": 1,
        "users": False,
        "exceptions": list(exceptions),
    }
    return Idle.model_validate_json(json.dumps(given | values))


def rule(kind, name, timeout=None, max_age=None):
    return {"kind": kind, "name": name, "timeout": timeout, "maxAge": max_age}


def ago(seconds):
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()


def server(user, inactive=0, age=0, profile=None, name=""):
    return {
        "name": name,
        "full_name": f"{user}/{name}",
        "last_activity": ago(inactive),
        "started": ago(age),
        "pending": None,
        "ready": True,
        "url": f"/user/{user}/",
        "user_options": {"profile": profile} if profile else {},
    }


MEMBERS = {"research": frozenset({"bob", "carol"}), "short": frozenset({"carol"})}


@pytest.mark.parametrize(
    ("exceptions", "user", "profile", "expected"),
    [
        ([], "alice", None, (100, 5000)),
        ([rule("group", "research", 900)], "alice", None, (100, 5000)),
        ([rule("group", "research", 900)], "bob", None, (900, None)),
        ([rule("group", "research", None, 7)], "bob", None, (None, 7)),
        ([rule("profile", "gpu", 30, 60)], "alice", "gpu", (30, 60)),
        ([rule("profile", "gpu", 30, 60)], "alice", "cpu", (100, 5000)),
        ([rule("profile", "gpu", 30, 60)], "alice", None, (100, 5000)),
        # The longest holds, and never is longer than any.
        ([rule("group", "research", 900, 9), rule("group", "short", 5, 10)], "carol", None, (900, 10)),
        ([rule("group", "research", 900, 9), rule("profile", "gpu", None, 1)], "bob", "gpu", (None, 9)),
    ],
)
def test_times_of_a_server(exceptions, user, profile, expected):
    assert Limits(idle(exceptions, maxAge=5000), MEMBERS).of(user, profile) == expected


@pytest.mark.parametrize(
    ("values", "inactive", "age", "over"),
    [
        ({}, 99, 10_000, False),
        ({}, 100, 100, True),
        ({"timeout": None}, 10**6, 10**6, False),
        ({"timeout": None, "maxAge": 50}, 0, 30, False),
        ({"timeout": None, "maxAge": 50}, 0, 50, True),
    ],
)
def test_when_a_server_is_stopped(values, inactive, age, over):
    limits = Limits(idle(**values), {})
    model = server("alice", inactive, age)
    assert limits.is_over(inactive=timedelta(seconds=inactive), inactive_limit=0, server=model) is over


def test_a_server_of_an_older_hub_has_no_age_and_no_options():
    limits = Limits(idle([rule("profile", "gpu")], maxAge=50), {})
    model = server("alice") | {"started": None, "user_options": None}
    assert limits.is_over(inactive=timedelta(seconds=1), inactive_limit=0, server=model) is False


def test_a_server_that_was_never_used_counts_from_nothing():
    assert Limits(idle(), {}).is_over(inactive=None, inactive_limit=0, server=server("a")) is False


class Hub:
    """Users and groups of a hub, and what was deleted."""

    def __init__(self, users, groups=None):
        self.users = users
        self.groups = groups or {}
        self.deleted = []
        self.fail = False

    @asynccontextmanager
    async def serve(self):
        app = web.Application()
        app.router.add_get("/hub/api/", self._version)
        app.router.add_get("/hub/api/users", self._list)
        app.router.add_get("/hub/api/groups/{name}", self._group)
        app.router.add_delete("/hub/api/{path:.*}", self._delete)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            yield f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/hub/api"
        finally:
            await runner.cleanup()

    async def _version(self, request):
        assert request.headers["Authorization"] == "token t"
        return web.json_response({"version": "6.1.1"})

    async def _list(self, request):
        wanted = request.query["state"] == "ready"
        users = [user for user in self.users if bool(user["servers"]) is wanted]
        return web.json_response(users)

    async def _group(self, request):
        if self.fail:
            return web.Response(status=503)
        name = request.match_info["name"]
        if name not in self.groups:
            return web.Response(status=404)
        return web.json_response({"name": name, "users": self.groups[name]})

    async def _delete(self, request):
        self.deleted.append(request.match_info["path"])
        return web.Response(status=204)


def user(name, *servers, admin=False, inactive=0):
    return {
        "name": name,
        "admin": admin,
        "created": ago(inactive),
        "last_activity": ago(inactive),
        "servers": {one["name"]: one for one in servers},
    }


def culled(hub, rules, configured=None):
    async def story():
        async with hub.serve() as url:
            await idle_culler.cull(rules, configured or {}, url, "t")

    asyncio.run(story())
    return sorted(hub.deleted)


def test_idle_servers_go_and_those_of_excepted_groups_and_profiles_stay():
    hub = Hub(
        [
            user("alice", server("alice", 200), server("alice", 10, name="second")),
            user("bob", server("bob", 200)),
            user("carol", server("carol", 200, profile="gpu")),
            user("dora", server("dora", 200, name="third")),
        ],
        {"research": ["bob"]},
    )
    rules = idle([rule("group", "research"), rule("group", "not-there-yet"), rule("profile", "gpu", 1000)])
    assert culled(hub, rules) == ["users/alice/server", "users/dora/servers/third"]


def test_members_in_the_configuration_count_as_those_that_the_hub_has():
    hub = Hub([user(name, server(name, 200)) for name in ("alice", "bob", "carol")], {"research": ["bob"]})
    groups = {
        "research": Group(members=["carol"], folder="none", limits=SomeLimits()),
        "other": Group(members=["alice"], folder="none", limits=SomeLimits()),
    }
    assert culled(hub, idle([rule("group", "research")]), groups) == ["users/alice/server"]


def test_nothing_is_stopped_while_the_groups_are_not_known():
    hub = Hub([user("alice", server("alice", 200))])
    hub.fail = True
    with pytest.raises(Exception, match="503"):
        culled(hub, idle([rule("group", "research")]))
    assert hub.deleted == []


def test_idle_people_go_too_where_that_is_asked_for_but_no_admin():
    def people():
        return [user("alice", inactive=200), user("root", admin=True, inactive=200), user("bob", inactive=5)]

    assert culled(Hub(people()), idle(users=True)) == ["users/alice"]
    assert culled(Hub(people()), idle()) == []


@pytest.fixture
def settings_path(raw, tmp_path):
    idle = {"timeout": 60, "maxAge": None, "checkInterval": 5, "users": False, "exceptions": []}
    path = tmp_path / "config.json"
    path.write_text(json.dumps({**raw, "servers": {**raw["servers"], "idle": idle}}))
    return path


def test_it_looks_again_and_again_whatever_happens(monkeypatch, caplog, settings_path):
    looks = []

    async def failing(*_):
        looks.append(1)
        if len(looks) == 3:
            raise asyncio.CancelledError
        raise OSError("no hub")

    async def no_wait(_seconds):
        pass

    monkeypatch.setattr(idle_culler, "cull", failing)
    monkeypatch.setattr(idle_culler.asyncio, "sleep", no_wait)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(idle_culler.cull_forever(settings_path, "", ""))
    assert len(looks) == 3
    assert "Could not look for idle servers: no hub" in caplog.text
