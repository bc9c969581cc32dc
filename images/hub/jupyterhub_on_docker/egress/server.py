"""The egress proxy as a server: who, where to, and then bytes in both directions."""

import asyncio
import json
import logging
import socket
import time
from collections import Counter
from contextlib import suppress

from . import head, policy
from .credentials import Identity, identify
from .settings import EgressSettings

log = logging.getLogger("egress")

HEAD_LIMIT = 64 * 1024
"""Bytes."""
HEAD_PATIENCE = 30.0
"""Seconds in which the head has to come."""
CONNECT_PATIENCE = 10.0
"""Seconds for each address of a host."""
IDLE = 900.0
"""Seconds without a byte in either direction after which a connection is closed."""
PER_USER = 256
"""Connections of one user at a time: one person cannot take the proxy from the others."""

CHUNK = 256 * 1024


class _Ended(Exception):
    """An answer in the place of the server's."""

    def __init__(self, status: int, reason: str, *headers: str):
        super().__init__(reason)
        self.status, self.reason, self.headers = status, reason, headers


class EgressProxy:
    def __init__(self, settings: EgressSettings, key: bytes, resolve=None):
        self._rules = settings.allow
        self._key = key
        self._resolve = resolve or _resolve
        self._open: Counter[str] = Counter()

    async def serve(self, host: str, port: int) -> asyncio.Server:
        return await asyncio.start_server(self._answer, host, port, limit=HEAD_LIMIT)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        entry: dict = {"source": (writer.get_extra_info("peername") or ("",))[0]}
        try:
            await self._request(reader, writer, entry)
        except _Ended as ended:
            # The health check asks without credentials, every few seconds.
            if not (ended.status == 407 and entry["source"] == "127.0.0.1"):
                event = "denied" if ended.status in (403, 407, 429) else "failed"
                _note(entry, event, reason=ended.reason)
            await _say(writer, ended)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError) as error:
            # A connection that only looked whether somebody listens says nothing.
            if not isinstance(error, asyncio.IncompleteReadError) or error.partial:
                _note(entry, "broken", reason=type(error).__name__)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _request(self, reader, writer, entry: dict) -> None:
        data = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_PATIENCE)
        try:
            request = head.parse(data)
        except head.BadRequest as error:
            raise _Ended(400, str(error)) from None
        entry |= {"method": request.method, "host": request.host, "port": request.port}
        identity = identify(self._key, request.authorization)
        if identity is None:
            raise _Ended(
                407, "credentials of a notebook server are needed", 'Proxy-Authenticate: Basic realm="egress"'
            )
        entry["user"] = identity.user
        if self._open[identity.user] >= PER_USER:
            raise _Ended(429, f"you have {PER_USER} connections already")
        self._open[identity.user] += 1
        try:
            await self._through(request, identity, reader, writer, entry)
        finally:
            self._open[identity.user] -= 1
            if not self._open[identity.user]:
                del self._open[identity.user]

    async def _through(self, request: head.Head, identity: Identity, reader, writer, entry: dict) -> None:
        try:
            name = policy.check(self._rules, identity, request.host, request.port)
            addresses = policy.public(await self._resolve(name, request.port), name)
        except policy.Refused as refused:
            raise _Ended(403, str(refused)) from None
        except OSError:
            raise _Ended(502, f"{request.host} is not known to the name servers") from None
        outside_reader, outside_writer, address = await _connect(addresses, name, request.port)
        entry["address"] = address
        _note(entry, "allowed")
        started = time.monotonic()
        try:
            if request.method == "CONNECT":
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                outside_writer.write(request.forwarded)
            sent, received = await _relay((reader, writer), (outside_reader, outside_writer))
        finally:
            outside_writer.close()
        _note(entry, "closed", sent=sent, received=received, seconds=round(time.monotonic() - started, 3))


async def _resolve(name: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(info[4][0] for info in found))


async def _connect(addresses: list[str], name: str, port: int):
    """Connects to an address that was checked: the name is not looked up again."""
    problem: Exception = OSError("no address")
    for address in addresses:
        try:
            pair = await asyncio.wait_for(
                asyncio.open_connection(address, port, limit=CHUNK), CONNECT_PATIENCE
            )
            return *pair, address
        except (OSError, TimeoutError) as error:
            problem = error
    text = "no answer" if isinstance(problem, TimeoutError) else (problem.strerror or "no connection").lower()
    raise _Ended(502, f"{name}:{port}: {text}")


async def _relay(inside, outside) -> tuple[int, int]:
    """Moves bytes until both sides have said all; the numbers of bytes out and in."""
    last = [time.monotonic()]
    moved = [0, 0]

    async def move(which: int, reader, writer) -> None:
        while chunk := await reader.read(CHUNK):
            last[0] = time.monotonic()
            moved[which] += len(chunk)
            writer.write(chunk)
            await writer.drain()
        with suppress(OSError, NotImplementedError):
            writer.write_eof()

    async def patience() -> None:
        while (left := last[0] + IDLE - time.monotonic()) > 0:
            await asyncio.sleep(left)

    up = asyncio.create_task(move(0, inside[0], outside[1]))
    down = asyncio.create_task(move(1, outside[0], inside[1]))
    idle = asyncio.create_task(patience())
    both = asyncio.gather(up, down)
    try:
        await asyncio.wait({both, idle}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (up, down, idle):
            task.cancel()
        with suppress(OSError, asyncio.CancelledError):
            await both
    return moved[0], moved[1]


async def _say(writer: asyncio.StreamWriter, ended: _Ended) -> None:
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
    with suppress(OSError):
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + body)
        await writer.drain()


def _note(entry: dict, event: str, **more) -> None:
    """One line of JSON for each event of a request; no credentials, and no path: it can have some in it."""
    log.info(json.dumps({"time": time.strftime("%FT%TZ", time.gmtime()), "event": event, **entry, **more}))


def run(settings: EgressSettings, key: bytes) -> None:
    """Serves until it is told to end."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    asyncio.run(_run(settings, key))


async def _run(settings: EgressSettings, key: bytes) -> None:
    host, _, port = settings.listen.rpartition(":")
    server = await EgressProxy(settings, key).serve(host, int(port))
    log.info(json.dumps({"event": "listening", "on": settings.listen, "rules": len(settings.allow)}))
    async with server:
        await server.serve_forever()
