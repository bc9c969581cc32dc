"""Where routes are noted: a file, or Redis."""

import asyncio
import json
import os
import time

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from helpers.routes import ALICE, EARLIER, HUB, build, names
from jupyterhub_on_docker.routes import stores
from jupyterhub_on_docker.routes.stores import FileRoutes, RedisRoutes
from jupyterhub_on_docker.routes.table import LONGEST


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
        return names(asyncio.run(routes.text()))

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
        assert self.text(values) == build({"0": {**ALICE, "target": "http://jh-user-alice:8888"}})[0]

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
        assert names(asyncio.run(routes.text())) == ["router__2Fuser_2Falice_2F"]
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
