"""The egress proxy for tests: in a thread, with a server that stands in for the internet."""

import asyncio
import base64
import socket
import threading
from contextlib import contextmanager

import pytest

from jupyterhub_on_docker.egress import policy
from jupyterhub_on_docker.egress.credentials import password
from jupyterhub_on_docker.egress.server import EgressProxy
from jupyterhub_on_docker.egress.settings import EgressSettings

KEY = b"k" * 32


def basic(user, secret):
    return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()


@contextmanager
def running(proxy):
    """The proxy in a thread of its own; gives its port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(proxy.serve("127.0.0.1", 0), loop).result(5)
    try:
        yield server.port
    finally:
        loop.call_soon_threadsafe(server.close)
        asyncio.run_coroutine_threadsafe(_cancel_the_rest(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def _cancel_the_rest():
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)


@pytest.fixture
def echo():
    """A server that says back what it is told; gives its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                while data := connection.recv(65536):
                    connection.sendall(data)

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


@pytest.fixture
def ask(echo, monkeypatch):
    """Sends the proxy a request; gives the open connection and the first answer."""
    allowed = EgressSettings.model_validate(
        {
            "version": 1,
            "listen": "127.0.0.1:0",
            "allow": [{"host": "echo.test", "ports": [echo, 1], "groups": None}],
        }
    )

    async def resolve(name, _port):
        if name != "echo.test":
            raise socket.gaierror(-2, "unknown")
        return ["127.0.0.1"]

    # The stand-in for the internet is on the loopback.
    monkeypatch.setattr(policy, "public", lambda addresses, _name: addresses)
    proxy = EgressProxy(allowed, KEY, resolve)
    with running(proxy) as port:

        def send(target, *, user="alice", method="CONNECT", authorization=None):
            connection = socket.create_connection(("127.0.0.1", port), 5)
            given = authorization or basic(user, password(KEY, user, []))
            connection.sendall(f"{method} {target} HTTP/1.1\r\nProxy-Authorization: {given}\r\n\r\n".encode())
            return connection, connection.recv(65536).decode()

        send.proxy, send.port = proxy, port
        yield send
