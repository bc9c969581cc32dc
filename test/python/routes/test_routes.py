"""Routes: what the hub may say of them, where it notes them, and how Traefik is given them."""

import asyncio
import json
import os
import socket
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiohttp import ClientSession, web
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from jupyterhub_on_docker.routes import file_proxy, stores
from jupyterhub_on_docker.routes.file_proxy import ServedFileProxy
from jupyterhub_on_docker.routes.server import RoutesServer
from jupyterhub_on_docker.routes.settings import RoutesSettings, Targets
from jupyterhub_on_docker.routes.stores import FileRoutes, RedisRoutes
from jupyterhub_on_docker.routes.table import LARGEST_TEXT, LONGEST, MOST, Refused, document, rule, target

TARGETS = Targets.model_validate(
    {"networks": ["10.200.12.0/22"], "names": ["hub", "report"], "prefix": "jh-user-"}
)
HUB = {"routespec": "/", "target": "http://hub:8081", "data": {"hub": True}}
ALICE = {"routespec": "/user/alice/", "target": "http://10.200.12.7:8888", "data": {"user": "alice"}}


def made(*routes, targets=TARGETS):
    text, refused = document({str(at): route for at, route in enumerate(routes)}, "websecure", targets)
    return json.loads(text), refused


def test_a_route_is_a_router_and_a_service():
    configuration, refused = made(ALICE)
    assert refused == []
    (router,) = configuration["http"]["routers"].items()
    (service,) = configuration["http"]["services"].items()
    # As the hub asks for them in Traefik's API.
    assert router[0] == "router__2Fuser_2Falice_2F"
    assert service[0] == "service__2Fuser_2Falice_2F"
    assert router[1] == {
        "rule": rule("/user/alice/"),
        "entryPoints": ["websecure"],
        "service": "service__2Fuser_2Falice_2F",
    }
    assert service[1] == {
        "loadBalancer": {"servers": [{"url": "http://10.200.12.7:8888"}], "passHostHeader": True}
    }


def test_without_routes_it_is_nothing():
    assert made() == ({}, [])


EVIL = {
    "priority": 9_999_999,
    "rule": "PathPrefix(`/`)",
    "middlewares": ["edge@file"],
    "service": "api@internal",
    "entryPoints": ["api"],
    "tls": {"options": "default"},
}


def test_nothing_else_that_the_hub_writes_reaches_traefik():
    plain = made(ALICE, HUB)
    assert made({**ALICE, **EVIL, "data": EVIL}, {**HUB, **EVIL}) == plain
    text = json.dumps(plain[0])
    for word in ("priority", "middlewares", "internal", "tls", "alice@"):
        assert word not in text


@pytest.mark.parametrize(
    "routespec",
    [
        "",
        "user/alice",
        "/user/alice",
        "/user/eve`) || method(`post/",
        "/user/eve%60)%20||%20PathPrefix(%60/",
        '/user/"/',
        "/user/{{ env }}/",
        "/user/a\nb/",
        "hub`.example.org/",
        "a||b/",
        "/" + "x" * 9000 + "/",
        None,
        7,
        ["/"],
        {},
    ],
)
def test_a_route_that_is_no_path_is_left_out_and_said(routespec):
    configuration, refused = made({**ALICE, "routespec": routespec}, HUB)
    assert len(configuration["http"]["routers"]) == 1, "the others are served"
    assert len(refused) == 1


@pytest.mark.parametrize("route", [None, 7, "x", [], {}, {"target": "http://hub:8081"}])
def test_what_is_no_route_is_left_out(route):
    assert made(route) == ({}, [f"'0': {made(route)[1][0].partition(': ')[2]}"])


@pytest.mark.parametrize("noted", [None, [], "x", 7])
def test_what_is_no_map_of_routes_is_none(noted):
    assert document(noted, "websecure", TARGETS) == ("{}", [])


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://10.200.12.7:8888", "http://10.200.12.7:8888"),
        ("http://10.200.12.7:8888/user/alice/?x#y", "http://10.200.12.7:8888"),
        ("http://hub:8081", "http://hub:8081"),
        ("https://report", "https://report"),
        ("http://jh-user-alice:8888", "http://jh-user-alice:8888"),
        ("http://jh-user-a-2eb--gpu:8888", "http://jh-user-a-2eb--gpu:8888"),
    ],
)
def test_routes_lead_to_servers_the_hub_and_its_services(url, expected):
    assert target(url, TARGETS) == expected


@pytest.mark.parametrize(
    "url",
    [
        # The cloud's metadata, Traefik itself, the host, a database, somebody else's server.
        "http://169.254.169.254",
        "http://127.0.0.1:8098",
        "http://[::1]:8098",
        "http://[::ffff:10.200.12.7]:8888",
        "http://localhost:8099",
        "http://proxy-api:8099",
        "http://10.200.8.1:22",
        "http://10.200.8.3:8443",
        "http://database:5432",
        "http://docker-filter:2375",
        "http://jh-hub:8081",
        "http://192.0.2.1",
        "http://example.org",
        "http://hub.example.org",
        # Names of anybody's that begin as a server's, and other ports of servers.
        "http://jh-user-x.evil.example:8888",
        "http://jh-user-.169.254.169.254.nip.io:8888",
        "http://jh-user-:8888",
        "http://jh-user-x_y:8888",
        "http://jh-user-x.:8888",
        f"http://jh-user-{'x' * 56}:8888",
        "http://jh-user-alice:22",
        "http://jh-user-alice",
        "http://10.200.12.7:22",
        "http://10.200.12.7",
        # And what is none.
        "http://0x0ac80c07:8888",
        "http://hub@169.254.169.254",
        "http://hub:8081@169.254.169.254",
        "http://hub:x",
        "http://hub:99999",
        "http:///x",
        "ftp://hub",
        "unix:///x",
        "file:///etc/passwd",
        "http://hub\\.evil",
        "http://[hub]",
        "hub",
        "",
        "{{ env }}",
    ],
)
def test_and_nowhere_else(url):
    with pytest.raises(Refused):
        target(url, TARGETS)


def test_with_configuration_in_python_they_may_lead_anywhere():
    assert target("http://192.0.2.1:80/x", None) == "http://192.0.2.1:80"
    assert target("https://[2001:db8::1]:443", None) == "https://[2001:db8::1]:443"
    with pytest.raises(Refused):
        target("file:///etc/passwd", None)


def test_routes_are_bounded():
    many = {str(at): {**ALICE, "routespec": f"/user/u{at}/"} for at in range(MOST + 5)}
    text, refused = document(many, "websecure", TARGETS)
    assert len(json.loads(text)["http"]["routers"]) == MOST
    assert len(refused) == 5


@pytest.mark.parametrize("character", ["!", "%20", "'", "%C3%A9"])
def test_what_a_hub_that_was_taken_over_notes_is_no_load(character):
    """A quarter of what is read of it, of characters that are escaped."""
    path = character * (8000 // len(character))
    many = {str(at): {**ALICE, "routespec": f"/{at}/{path}/"} for at in range(250)}
    began = time.process_time()
    text, _ = document(many, "websecure", TARGETS)
    assert len(text) <= LARGEST_TEXT
    assert time.process_time() - began < 3, "it took seven seconds"


def test_the_text_is_bounded():
    many = {str(at): {**ALICE, "routespec": "/" + f"{at}%20".ljust(8000, "x") + "/"} for at in range(1500)}
    text, refused = document(many, "websecure", TARGETS)
    assert len(text) <= LARGEST_TEXT
    assert len(refused) > 300
    assert "characters of routes" in refused[-1]


@pytest.mark.parametrize("name", ["{{ x }}", "a\nb", "é" * 50])
def test_names_of_routes_are_not_taken_over(name):
    assert document({name: ALICE}, "websecure", TARGETS) == document({"0": ALICE}, "websecure", TARGETS)


build = partial(document, entry_point="websecure", targets=TARGETS)


class TestFile:
    @pytest.fixture
    def path(self, tmp_path):
        return tmp_path / "routes.json"

    @pytest.fixture
    def routes(self, path):
        return FileRoutes(path, build)

    def write(self, path, *noted):
        path.with_suffix(".new").write_text(
            json.dumps({"version": 1, "routes": {str(at): one for at, one in enumerate(noted)}})
        )
        os.replace(path.with_suffix(".new"), path)

    def read(self, routes):
        return list(json.loads(asyncio.run(routes.text())).get("http", {}).get("routers", {}))

    def test_is_read_when_it_changes(self, path, routes):
        assert self.read(routes) == []
        self.write(path, HUB)
        assert self.read(routes) == ["router__2F"]
        self.write(path, HUB, ALICE)
        assert self.read(routes) == ["router__2F", "router__2Fuser_2Falice_2F"]

    def test_and_only_then(self, path, monkeypatch):
        built = []
        routes = FileRoutes(path, lambda noted: built.append(noted) or build(noted))
        self.write(path, HUB)
        for _ in range(5):
            self.read(routes)
        assert len(built) == 2, "once for none, once for the file"

    def test_others_are_answered_while_it_is_built(self, path):
        beats = []

        def slow(noted):
            time.sleep(0.5 if noted else 0)
            return build(noted)

        async def run():
            routes = FileRoutes(path, slow)
            self.write(path, HUB)
            built = asyncio.gather(routes.text(), routes.text())
            while not built.done():
                beats.append(0)
                await asyncio.sleep(0.01)
            return await built

        first, second = asyncio.run(run())
        assert first == second == build({"0": HUB})[0]
        assert len(beats) > 3

    @pytest.mark.parametrize(
        "content",
        ["", "{", "[]", "7", '{"version": 1}', '{"routes": []}' * 2, "[" * 100_000, '"\\ud800"', "{" * 9],
    )
    def test_what_cannot_be_read_leaves_what_was(self, path, routes, content):
        self.write(path, HUB)
        assert self.read(routes) == ["router__2F"]
        path.write_text(content)
        assert self.read(routes) == ["router__2F"]

    def test_nothing_is_followed_or_waited_for(self, path, routes, tmp_path):
        self.write(path, HUB)
        assert self.read(routes) == ["router__2F"]
        elsewhere = tmp_path / "elsewhere.json"
        self.write(elsewhere, ALICE)
        path.unlink()
        path.symlink_to(elsewhere)
        assert self.read(routes) == ["router__2F"]
        path.unlink()
        os.mkfifo(path)
        began = time.monotonic()
        assert self.read(routes) == ["router__2F"]
        assert time.monotonic() - began < 5
        path.unlink()
        path.mkdir()
        assert self.read(routes) == ["router__2F"]

    def test_it_is_bounded(self, path, routes, monkeypatch):
        monkeypatch.setattr(stores, "LARGEST", 300)
        self.write(path, HUB)
        assert self.read(routes) == ["router__2F"]
        self.write(path, HUB, *[ALICE] * 20)
        assert self.read(routes) == ["router__2F"]

    def test_routes_of_an_earlier_version_are_served_until_the_hub_notes_its_own(self, path, routes):
        path.with_name("hub.toml").write_text(EARLIER)
        assert self.read(routes) == ["router__2F", "router__2Fuser_2Falice_2F"]
        self.write(path, HUB)
        assert self.read(routes) == ["router__2F"]


EARLIER = """
[http.routers.route_api]
rule = "Host(`proxy-api`) && PathPrefix(`/api`)"
entryPoints = [ "api",]
service = "api@internal"
middlewares = [ "auth_api",]

[jupyterhub.routes.router__2F]
routespec = "/"
target = "http://hub:8081"
router = "router__2F"
service = "service__2F"

[jupyterhub.routes.router__2F.data]
hub = true

[jupyterhub.routes.router__2Fuser_2Falice_2F]
routespec = "/user/alice/"
target = "http://10.200.12.7:8888"
router = "router__2Fuser_2Falice_2F"
service = "service__2Fuser_2Falice_2F"

[jupyterhub.routes.router__2Fuser_2Falice_2F.data]
user = "alice"
server_name = ""
"""


class TestHub:
    """The hub's side."""

    @pytest.fixture
    def path(self, tmp_path):
        return tmp_path / "routes.json"

    def proxy(self, path):
        return ServedFileProxy(
            app=SimpleNamespace(hub=SimpleNamespace(routespec="/"), subdomain_host=""),
            should_start=False,
            traefik_api_username="hub",
            traefik_api_password="secret",
            dynamic_config_file=str(path),
        )

    @pytest.fixture(autouse=True)
    def traefik(self, monkeypatch):
        """A Traefik that has every route at once."""

        async def found(_self, _routespec, _kind):
            return True

        async def started(_self):
            """What the hub asks Traefik at its start."""

        monkeypatch.setattr(ServedFileProxy, "_check_for_traefik_service", found)
        monkeypatch.setattr(ServedFileProxy, "_start_external", started)

    def noted(self, path):
        return {
            route["routespec"]: route["target"] for route in json.loads(path.read_text())["routes"].values()
        }

    def test_notes_and_forgets(self, path):
        async def run():
            proxy = self.proxy(path)
            for route in (HUB, ALICE):
                await proxy.add_route(route["routespec"], route["target"], route["data"])
            assert self.noted(path) == {"/": "http://hub:8081", "/user/alice/": "http://10.200.12.7:8888"}
            assert (await proxy.get_all_routes())["/user/alice/"]["data"] == {"user": "alice"}
            # The next hub goes on with them.
            assert set(await self.proxy(path).get_all_routes()) == {"/", "/user/alice/"}
            await proxy.delete_route("/user/alice/")
            await proxy.delete_route("/user/alice/")
            assert self.noted(path) == {"/": "http://hub:8081"}

        asyncio.run(run())

    def test_writes_what_its_server_reads(self, path):
        async def run():
            proxy = self.proxy(path)
            await proxy.add_route(ALICE["routespec"], ALICE["target"], ALICE["data"])
            return await FileRoutes(path, build).text()

        assert json.loads(asyncio.run(run())) == made(ALICE)[0]

    @pytest.mark.parametrize("content", ["", "{", "[]", '{"routes": {"x": 7}}', '{"routes": [1]}'])
    def test_starts_with_a_file_that_cannot_be_read(self, path, content):
        path.write_text(content)

        async def run():
            return await self.proxy(path).get_all_routes()

        assert asyncio.run(run()) == {}

    def test_takes_over_from_an_earlier_version_and_leaves_no_key_behind(self, path):
        files = [path.with_name(name) for name in ("hub.toml", "tls.yml", "edge.yml")]
        for file in files:
            file.write_text(EARLIER)

        async def run():
            proxy = self.proxy(path)
            assert set(await proxy.get_all_routes()) == {"/", "/user/alice/"}
            await proxy.check_routes({}, {})

        async def nothing(*_args, **_kwargs):
            """Upstream adds what is missing: nothing is."""

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(file_proxy.TraefikFileProviderProxy, "check_routes", nothing)
            asyncio.run(run())
        assert set(self.noted(path)) == {"/", "/user/alice/"}
        assert not any(file.exists() for file in files)

    def test_leaves_an_earlier_traefik_its_files(self, path, monkeypatch):
        """They go when the present one has a route, and not before."""
        keys = path.with_name("tls.yml")
        keys.write_text("key")

        async def missing(_self, _routespec, _kind):
            return False

        monkeypatch.setattr(ServedFileProxy, "_check_for_traefik_service", missing)

        async def run():
            proxy = self.proxy(path)
            proxy.check_route_timeout = 1
            with pytest.raises(TimeoutError):
                await proxy.add_route("/", "http://hub:8081", {})

        asyncio.run(run())
        assert keys.exists()


class TestRedis:
    class Redis:
        def __init__(self, values, error=None):
            self.values, self.error = values, error

        async def scan_iter(self, match, count):
            if self.error:
                raise self.error
            for key in self.values:
                if key.startswith(match.rstrip("*")):
                    yield key

        def pipeline(self, transaction):
            values, asked = self.values, []

            class Pipeline:
                def getrange(self, key, start, end):
                    asked.append(
                        values[key][start : end + 1] if isinstance(values[key], str) else values[key]
                    )

                async def execute(self, raise_on_error):
                    return asked

            return Pipeline()

    def text(self, *arguments):
        return asyncio.run(RedisRoutes(self.Redis(*arguments), build).text())

    def test_has_what_the_hub_noted_and_no_rule_of_its_own(self):
        values = {
            "traefik/http/routers/evil/rule": "PathPrefix(`/`)",
            "traefik/http/routers/evil/priority": "9999999",
            "traefik/tls/certificates/0/certFile": "x",
            "jupyterhub/routes/router_x/routespec": "/user/alice/",
            "jupyterhub/routes/router_x/target": "http://jh-user-alice:8888",
            "jupyterhub/routes/router_x/data/user": "alice",
            "jupyterhub/routes/router_y/routespec": "/user/bob/",
            "jupyterhub/routes/router_y/target": "http://169.254.169.254",
        }
        assert json.loads(self.text(values)) == made({**ALICE, "target": "http://jh-user-alice:8888"})[0]

    def test_no_more_is_read_than_is_looked_at(self, monkeypatch):
        values = {
            "jupyterhub/routes/x/routespec": "/user/alice/",
            "jupyterhub/routes/x/target": "http://jh-user-alice:8888",
            "jupyterhub/routes/y/routespec": "/" + "y" * 1_000_000 + "/",
            "jupyterhub/routes/y/target": "http://jh-user-bob:8888",
            "jupyterhub/routes/z/routespec": ResponseError("WRONGTYPE Operation against a key"),
        }
        seen = []
        routes = RedisRoutes(self.Redis(values), lambda noted: seen.append(noted) or build(noted))
        assert list(json.loads(asyncio.run(routes.text()))["http"]["routers"]) == [
            "router__2Fuser_2Falice_2F"
        ]
        assert max(len(text) for route in seen[0].values() for text in route.values()) == LONGEST + 1
        asyncio.run(routes.text())
        assert len(seen) == 1, "nothing has changed"
        monkeypatch.setattr(stores, "LARGEST", 1000)
        assert asyncio.run(routes.text()) is None
        monkeypatch.undo()
        values["jupyterhub/routes/z/routespec"] = ResponseError("LOADING Redis is loading the dataset")
        assert asyncio.run(routes.text()) is None

    @pytest.mark.parametrize("error", [None, RedisConnectionError("gone"), OSError("gone")])
    def test_no_answer_and_an_empty_store_leave_traefik_what_it_has(self, error):
        assert self.text({}, error) is None


class Store:
    def __init__(self, value):
        self.value = value

    async def text(self):
        return self.value


async def serving(server, run):
    runner = web.AppRunner(server.application())
    await runner.setup()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        await web.SockSite(runner, listener).start()
        try:
            return await run(f"http://127.0.0.1:{listener.getsockname()[1]}")
        finally:
            await runner.cleanup()


class TestServer:
    def test_a_new_connection_is_answered_at_once_and_then_when_there_is_something_new(self):
        store = Store("1")

        async def run(url):
            clock = asyncio.get_running_loop().time

            async def ask(session):
                began = clock()
                async with session.get(f"{url}/routes.json") as answer:
                    return await answer.text(), clock() - began

            async with ClientSession() as session:
                first = await ask(session)
                # Nothing new: it is held back, and said again in the end.
                second = await ask(session)
                asyncio.get_running_loop().call_later(0.1, setattr, store, "value", "2")
                third = await ask(session)
            async with ClientSession() as session:
                other = await ask(session)
            return first, second, third, other

        first, second, third, other = asyncio.run(serving(RoutesServer(store, hold=1.0), run))
        assert [first[0], second[0], third[0], other[0]] == ["1", "1", "2", "2"]
        assert first[1] < 0.5
        assert second[1] > 0.9
        assert third[1] < 0.9
        assert other[1] < 0.5

    def test_with_nothing_to_say_traefik_keeps_what_it_has(self):
        async def run(url):
            async with ClientSession() as session, session.get(f"{url}/routes.json") as answer:
                return answer.status

        assert asyncio.run(serving(RoutesServer(Store(None), hold=1.0), run)) == 503

    def test_says_that_it_is_healthy(self):
        async def run(url):
            async with ClientSession() as session, session.get(f"{url}/health") as answer:
                return answer.status

        assert asyncio.run(serving(RoutesServer(Store(None)), run)) == 200


def test_settings_are_those_that_the_program_writes():
    settings = {
        "version": 1,
        "listen": "0.0.0.0:8096",
        "entryPoint": "websecure",
        "store": {"kind": "file", "path": "/srv/proxy/routes.json"},
        "targets": {"networks": ["10.200.12.0/22"], "names": ["hub"], "prefix": None},
    }
    assert Path(RoutesSettings.model_validate_json(json.dumps(settings)).store.path).name == "routes.json"
    redis = {"kind": "redis", "url": "redis://redis:6379", "password": "redis_password"}
    assert RoutesSettings.model_validate_json(json.dumps({**settings, "store": redis, "targets": None}))
