"""Routes in Redis: written once, and waited for at every Traefik."""

import asyncio
from types import SimpleNamespace

import pytest
from aiohttp import web
from jupyterhub.objects import Hub
from jupyterhub_traefik_proxy.redis import TraefikRedisProxy

from jupyterhub_on_docker.routes import redis_proxy as proxy
from jupyterhub_on_docker.routes.redis_proxy import ServedRedisProxy


class TestRoutes:
    """Where the hub looks for them."""

    def test_the_hub_looks_for_them_where_traefik_has_them_from(self):
        assert ServedRedisProxy.provider_name == "http"


class Traefiks:
    """The APIs of several Traefiks, at addresses of the loopback and one port."""

    ROUTE = ("/api/http/services/", "/api/http/routers/")

    def __init__(self, delays):
        self.delays = delays
        """Questions after which each has the route; None for one that is not there."""
        self.asked = dict.fromkeys(delays, 0)
        self.hosts = set()

    async def __aenter__(self):
        self._runners = []
        self.port = 0
        for address, delay in self.delays.items():
            if delay is None:
                continue
            application = web.Application()
            application.router.add_get("/{path:.*}", self._answer(address))
            runner = web.AppRunner(application)
            await runner.setup()
            site = web.TCPSite(runner, address, self.port)
            await site.start()
            self.port = self.port or runner.addresses[0][1]
            self._runners.append(runner)
        return self

    async def __aexit__(self, *_):
        for runner in self._runners:
            await runner.cleanup()

    def _answer(self, address):
        async def answer(request):
            assert request.path.startswith(self.ROUTE), request.path
            assert request.path.endswith("@http")
            self.hosts.add(request.headers["Host"])
            self.asked[address] += 1
            return web.Response(status=200 if self.asked[address] > self.delays[address] else 404, text="{}")

        return answer


@pytest.fixture
def served(monkeypatch):
    async def found(_self, _routespec):
        """One Traefik has the route: upstream waits no longer."""

    monkeypatch.setattr(TraefikRedisProxy, "_wait_for_route", found)
    monkeypatch.setattr(proxy, "INTERVAL", 0.01)

    async def wait(traefiks):
        async def addresses(_self):
            return list(traefiks.delays)

        async with traefiks:
            monkeypatch.setattr(ServedRedisProxy, "_addresses", addresses)
            served = ServedRedisProxy(
                hub=Hub(), app=SimpleNamespace(), traefik_api_url=f"http://proxy-api:{traefiks.port}"
            )
            await served._wait_for_route("/user/ann/")
        return served

    return wait


def test_a_route_is_there_when_every_traefik_has_it(served):
    traefiks = Traefiks({"127.0.0.1": 0, "127.0.0.2": 6, "127.0.0.3": None})
    asyncio.run(served(traefiks))
    assert traefiks.asked["127.0.0.2"] >= 7
    assert {host.partition(":")[0] for host in traefiks.hosts} == {"proxy-api"}


def test_a_traefik_that_never_has_the_route_holds_nobody_up_for_long(served, monkeypatch):
    monkeypatch.setattr(proxy, "EVERYWHERE", 0.2)
    warnings = []
    monkeypatch.setattr(
        ServedRedisProxy, "log", SimpleNamespace(warning=lambda *words: warnings.append(words))
    )
    asyncio.run(served(Traefiks({"127.0.0.1": 0, "127.0.0.2": 10**6})))
    assert [words[1] for words in warnings if words[0].startswith("Traefik at")] == ["127.0.0.2"]


def test_the_addresses_of_all_traefiks_are_those_of_their_name():
    served = ServedRedisProxy(hub=Hub(), app=SimpleNamespace(), traefik_api_url="http://localhost:1")
    assert asyncio.run(served._addresses()) == ["127.0.0.1"]
    served.traefik_api_url = "http://nowhere.invalid:1"
    assert asyncio.run(served._addresses()) == []
