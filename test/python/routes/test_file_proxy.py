"""How the hub notes routes in a file."""

import asyncio
import json
from types import SimpleNamespace

import pytest

from helpers.routes import ALICE, EARLIER, HUB, build
from jupyterhub_on_docker.routes import file_proxy
from jupyterhub_on_docker.routes.file_proxy import ServedFileProxy
from jupyterhub_on_docker.routes.stores import FileRoutes


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

        assert asyncio.run(run()) == build({"0": ALICE})[0]

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

    @pytest.mark.parametrize(
        "content",
        ["", '{"version": 1, "routes": {"x": {"routespec": "/user/eve/", "target": "http://x:1"}}}'],
    )
    def test_rewrites_a_file_that_somebody_else_changed(self, path, monkeypatch, content):
        async def nothing(*_args, **_kwargs):
            """Upstream adds what is missing: nothing is."""

        monkeypatch.setattr(file_proxy.TraefikFileProviderProxy, "check_routes", nothing)

        async def run():
            proxy = self.proxy(path)
            for route in (HUB, ALICE):
                await proxy.add_route(route["routespec"], route["target"], route["data"])
            await proxy.check_routes({}, {})
            before = path.stat().st_ino
            await proxy.check_routes({}, {})
            assert path.stat().st_ino == before, "an unchanged file was rewritten"
            path.write_text(content)
            await proxy.check_routes({}, {})

        asyncio.run(run())
        assert set(self.noted(path)) == {"/", "/user/alice/"}

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
