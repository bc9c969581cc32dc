"""The egress proxy as a server: who, where to, and then bytes in both directions.

Whoever can reach it may try to take it from the others: every stage of a connection has an end in time, and
limits by address before anything is known of it, by user after that, and in total.
"""

import asyncio
import json
import logging
import resource
import socket
import time
from contextlib import suppress
from typing import Any

from . import head, policy
from .credentials import Identity, identify
from .listener import BUFFER, Listener
from .lookups import Names, Resolve, TooMany
from .pipe import CHUNK, HEAD_LIMIT, Gone, Pipe, TooLong
from .settings import EgressSettings
from .shares import Shares

log = logging.getLogger("egress")

HEAD_TIMEOUT = 15.0
"""Seconds in which the head has to come."""
CONNECT_TIMEOUT = 10.0
"""Seconds for each address of a host."""
ADDRESSES = 4
"""Of a host that are tried."""
IDLE = 900.0
"""Seconds without a byte in either direction after which a connection is closed."""
CLOSE_TIMEOUT = 2.0
"""Seconds in which somebody who is refused may read why."""
CONNECTIONS = 1536
"""At a time, those that have said nothing too."""
PER_SOURCE = 320
"""Connections from one address at a time: a little more than its user may use."""
TUNNELS = 1024
"""Connections of users at a time."""
PER_USER = 256
"""Connections of one user at a time: one person cannot take the proxy from the others."""
WIDE = 24
"""Connections to the outside whose buffers the kernel lets grow, to megabytes, for what is far away."""
WIDE_PER_USER = 6
QUIET = 10.0
"""Seconds in which refusals of one address are one line of the log."""

LOOPBACK = "127.0.0.1"
"""Where the health check asks from."""

_REFUSED = b"HTTP/1.1 429 your server has too many connections\r\nConnection: close\r\n\r\n"


class _Ended(Exception):
    """An answer in the place of the server's."""

    def __init__(self, status: int, reason: str, *headers: str):
        super().__init__(reason)
        self.status, self.reason, self.headers = status, reason, headers


class EgressProxy:
    def __init__(self, settings: EgressSettings, key: bytes, resolve: Resolve | None = None):
        self._rules = settings.allow
        self._key = key
        self._names = Names(resolve)
        self._buffer = memoryview(bytearray(CHUNK))
        self._sources = Shares(CONNECTIONS, PER_SOURCE)
        self.people = Shares(TUNNELS, PER_USER)
        self._wide = Shares(WIDE, WIDE_PER_USER)
        self._told: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, host: str, port: int) -> Listener:
        return Listener(host, port, self._taken)

    def _taken(self, connection: socket.socket, source: str) -> None:
        if source != LOOPBACK and not self._sources.take(source):
            with connection, suppress(OSError):
                connection.send(_REFUSED)
            self._tell(source)
            return
        task = asyncio.create_task(self._serve(connection, source))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _tell(self, source: str) -> None:
        now = time.monotonic()
        if now - self._told.get(source, -QUIET) < QUIET:
            return
        if len(self._told) >= CONNECTIONS:
            self._told.clear()
        self._told[source] = now
        _note({"source": source}, "denied", reason="too many connections from this address")

    async def _serve(self, connection: socket.socket, source: str) -> None:
        pipe = Pipe(self._buffer)
        try:
            try:
                await asyncio.get_running_loop().connect_accepted_socket(lambda: pipe, connection)
            except OSError:
                connection.close()
                return
            await self._answer(pipe, source)
        finally:
            pipe.abort()
            if source != LOOPBACK:
                self._sources.give(source)

    async def _answer(self, pipe: Pipe, source: str) -> None:
        entry: dict[str, Any] = {"source": source}
        try:
            await self._request(pipe, entry)
        except _Ended as ended:
            # The health check asks without credentials, every few seconds.
            if not (ended.status == 407 and source == LOOPBACK):
                event = "denied" if ended.status in (403, 407, 429) else "failed"
                _note(entry, event, reason=ended.reason)
            await _say(pipe, ended)
        except (OSError, Gone) as error:
            # A connection that only looked whether somebody listens says nothing.
            if not isinstance(error, Gone) or error.args[0]:
                _note(entry, "broken", reason=type(error).__name__)

    async def _request(self, pipe: Pipe, entry: dict[str, Any]) -> None:
        try:
            data = await asyncio.wait_for(pipe.head, HEAD_TIMEOUT)
            request = head.parse(data)
        except TimeoutError:
            raise _Ended(408, f"the request did not arrive within {HEAD_TIMEOUT:.0f} s") from None
        except TooLong:
            raise _Ended(431, f"the request's headers are larger than {HEAD_LIMIT} bytes") from None
        except head.BadRequest as error:
            raise _Ended(400, str(error)) from None
        entry |= {"method": request.method, "host": request.host[: head.LONGEST_HOST], "port": request.port}
        identity = identify(self._key, request.authorization)
        if identity is None:
            raise _Ended(
                407, "expected a notebook server's credentials", 'Proxy-Authenticate: Basic realm="egress"'
            )
        entry["user"] = identity.user
        if not self.people.take(identity.user):
            held = self.people.held(identity.user)
            raise _Ended(429, f"you already have {held} connections, which is the limit for now")
        wide = self._wide.take(identity.user)
        try:
            await self._through(request, identity, pipe, entry, wide)
        finally:
            self.people.give(identity.user)
            if wide:
                self._wide.give(identity.user)

    async def _through(
        self, request: head.Head, identity: Identity, pipe: Pipe, entry: dict[str, Any], wide: bool
    ) -> None:
        try:
            name = policy.check(self._rules, identity, request.host, request.port)
            found = await self._names.addresses(identity.user, name, request.port)
            addresses = policy.public(found, name)
        except policy.Refused as refused:
            raise _Ended(403, str(refused)) from None
        except TooMany:
            raise _Ended(429, "too many names are being looked up for you") from None
        except TimeoutError:
            raise _Ended(504, f"the name servers do not answer for {request.host}") from None
        except OSError:
            raise _Ended(502, f"the name servers do not know {request.host}") from None
        outside, address = await self._connect(addresses[:ADDRESSES], name, request.port, wide)
        entry["address"] = address
        _note(entry, "allowed")
        started = time.monotonic()
        try:
            if request.method == "CONNECT":
                pipe.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                outside.send(request.forwarded)
            pipe.join(outside)
            await _until_closed(pipe, outside)
        finally:
            outside.abort()
        seconds = round(time.monotonic() - started, 3)
        _note(entry, "closed", sent=pipe.moved, received=outside.moved, seconds=seconds)

    async def _connect(self, addresses: list[str], name: str, port: int, wide: bool) -> tuple[Pipe, str]:
        """Connects to an address that was checked: the name is not looked up again."""
        loop = asyncio.get_running_loop()
        problem: OSError = OSError("no address")
        for address in addresses:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            connection = socket.socket(family, socket.SOCK_STREAM)
            try:
                connection.setblocking(False)
                if not wide:
                    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
                        connection.setsockopt(socket.SOL_SOCKET, option, BUFFER)
                await asyncio.wait_for(loop.sock_connect(connection, (address, port)), CONNECT_TIMEOUT)
                _, pipe = await loop.create_connection(
                    lambda: Pipe(self._buffer, waits=True), sock=connection
                )
                return pipe, address
            except BaseException as error:
                connection.close()
                if not isinstance(error, OSError):
                    raise
                problem = error
        text = (
            "no answer"
            if isinstance(problem, TimeoutError)
            else (problem.strerror or "no connection").lower()
        )
        raise _Ended(502, f"{name}:{port}: {text}")


async def _until_closed(inside: Pipe, outside: Pipe) -> None:
    """Waits for both ends to be closed, or for so long without a byte that they are cut."""
    ends = {inside.lost, outside.lost}
    while ends:
        left = max(inside.last, outside.last) + IDLE - asyncio.get_running_loop().time()
        if left <= 0:
            return
        _, ends = await asyncio.wait(ends, timeout=left)


async def _say(pipe: Pipe, ended: _Ended) -> None:
    # The reason is in the status line, which is what programs show of a proxy's answer, and in the body.
    body = f"{ended.reason}\n".encode("ascii", "replace")
    reason = ended.reason.encode("ascii", "replace").decode()
    lines = [
        f"HTTP/1.1 {ended.status} {reason}",
        *ended.headers,
        "Content-Type: text/plain",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    pipe.send("\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + body)
    # Closed at once, with something of the client's not read, the answer would be lost on its way.
    pipe.leave()
    pipe.end()
    await asyncio.wait({pipe.lost}, timeout=CLOSE_TIMEOUT)


def _note(entry: dict[str, Any], event: str, **more: object) -> None:
    """One line of JSON for each event of a request; no credentials, and no path: it can have some in it."""
    log.info(json.dumps({"time": time.strftime("%FT%TZ", time.gmtime()), "event": event, **entry, **more}))


def run(settings: EgressSettings, key: bytes) -> None:
    """Serves until it is told to end."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    asyncio.run(_run(settings, key))


async def _run(settings: EgressSettings, key: bytes) -> None:
    # Two files for each connection, and some for the names that are looked up.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    proxy = EgressProxy(settings, key)
    await proxy.serve(*settings.address)
    log.info(json.dumps({"event": "listening", "on": settings.listen, "rules": len(settings.allow)}))
    await asyncio.Event().wait()
