"""Waiting for a new server: with real sockets."""

import asyncio
import socket
import time

import pytest

from jupyterhub_on_docker.servers import listening

HOST = "127.0.0.1"


@pytest.fixture
def free_port():
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind((HOST, 0))
        yield taken.getsockname()[1]


async def _runs():
    return None


def test_it_ends_soon_after_there_is_a_listener(free_port):
    async def scenario():
        waiting = asyncio.ensure_future(listening.wait(HOST, free_port, _runs))
        await asyncio.sleep(3 * listening.INTERVAL)
        assert not waiting.done()
        # The fixture has the port, but nobody listens there: a second socket may.
        server = await asyncio.start_server(
            lambda _, writer: writer.close(), HOST, free_port, reuse_port=True
        )
        async with server:
            start = time.monotonic()
            assert await waiting is None
            return time.monotonic() - start

    assert asyncio.run(scenario()) < listening.ENDED_INTERVAL


def test_a_server_that_has_ended_is_waited_for_no_longer(free_port, monkeypatch):
    monkeypatch.setattr(listening, "ENDED_INTERVAL", 0.1)
    answers = iter([None, "ExitCode=1"])

    async def poll():
        return next(answers)

    assert asyncio.run(listening.wait(HOST, free_port, poll)) == "ExitCode=1"


def test_it_gives_up_in_the_end(free_port, monkeypatch):
    monkeypatch.setattr(listening, "LONGEST", 0.2)
    assert asyncio.run(listening.wait(HOST, free_port, _runs)) is None


def test_an_address_that_does_not_answer_is_asked_again(monkeypatch):
    monkeypatch.setattr(listening, "LONGEST", 0.3)
    monkeypatch.setattr(listening, "CONNECT", 0.05)
    asked = []

    async def nobody(*where):
        asked.append(where)
        await asyncio.sleep(10)

    monkeypatch.setattr(asyncio, "open_connection", nobody)
    assert asyncio.run(listening.wait(HOST, 1, _runs)) is None
    assert len(asked) > 1
