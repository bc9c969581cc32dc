"""Traefik asks for routes again and again."""

import asyncio
import json
import socket
from pathlib import Path

from aiohttp import ClientSession, web

from jupyterhub_on_docker.routes.server import RoutesServer
from jupyterhub_on_docker.routes.settings import RoutesSettings


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
        "away": {"listen": "0.0.0.0:8095", "url": "http://routes:8095", "hub": "/hub/"},
    }
    assert Path(RoutesSettings.model_validate_json(json.dumps(settings)).store.path).name == "routes.json"
    redis = {"kind": "redis", "url": "redis://redis:6379", "password": "redis_password"}
    assert RoutesSettings.model_validate_json(json.dumps({**settings, "store": redis, "targets": None}))
