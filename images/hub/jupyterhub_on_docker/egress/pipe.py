"""One end of a connection through the proxy: first it reads a head, then it moves bytes to the other end.

What it keeps of a connection is bounded: of a head HEAD_LIMIT, of what somebody does not read CHUNK and the
kernel's own buffers. All share one buffer to read into, so who only holds a connection open takes none.
"""

import asyncio
from contextlib import suppress
from typing import cast

HEAD_LIMIT = 16 * 1024
"""Bytes."""

CHUNK = 64 * 1024
"""Bytes that are read at once, and that may wait to be sent."""

END = b"\r\n\r\n"


class TooLong(Exception):
    """A head that does not end."""


class Gone(Exception):
    """A connection that ended before its head did; the message is what there was of it."""


class Pipe(asyncio.BufferedProtocol):
    """`buffer` is shared by all of a loop: it is read into and emptied in one go.

    One that `waits` has no head, and reads nothing before it is joined to another.
    """

    def __init__(self, buffer: memoryview, waits: bool = False):
        loop = asyncio.get_running_loop()
        self._loop = loop
        self._buffer = buffer
        self._transport: asyncio.Transport | None = None
        self.head: asyncio.Future[bytes] = loop.create_future()
        """The head, with its end. It fails with TooLong or Gone."""
        self.lost: asyncio.Future[None] = loop.create_future()
        self.moved = 0
        """Bytes that came from this end, after the head."""
        self.last = loop.time()
        self._collected = bytearray()
        self._peer: Pipe | None = None
        self._closed = False
        self._ended = False
        self._full = False
        self._waits = waits

    @property
    def transport(self) -> asyncio.Transport:
        """The connection. There is one from the first byte on."""
        assert self._transport is not None
        return self._transport

    def abort(self) -> None:
        """Cuts the connection, if there is one."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport = cast(asyncio.Transport, transport)
        # What cannot be sent at once stops the other end from reading more.
        transport.set_write_buffer_limits(high=0)
        if self._waits:
            transport.pause_reading()

    def get_buffer(self, _hint: int) -> memoryview:
        if self._peer is None and not self._closed:
            return self._buffer[: HEAD_LIMIT - len(self._collected)]
        return self._buffer

    def buffer_updated(self, size: int) -> None:
        if self._closed:
            return
        self.last = self._loop.time()
        if self._peer is not None:
            self.moved += size
            self._peer.send(bytes(self._buffer[:size]))
            return
        # The end may be in two pieces.
        start = max(0, len(self._collected) - len(END) + 1)
        self._collected += self._buffer[:size]
        if (at := self._collected.find(END, start)) >= 0:
            self.transport.pause_reading()
            head = bytes(self._collected[: at + len(END)])
            del self._collected[: at + len(END)]
            self._settle(head)
        elif len(self._collected) >= HEAD_LIMIT:
            self.transport.pause_reading()
            self._settle(TooLong())

    def eof_received(self) -> bool:
        if self._peer is None:
            self._settle(Gone(bytes(self._collected[:20])))
            return False
        self._ended = True
        self._peer.end()
        if self._peer._ended:
            self.transport.close()
            self._peer.transport.close()
        return True

    def connection_lost(self, _error: Exception | None) -> None:
        self._settle(Gone(bytes(self._collected[:20])))
        if not self.lost.done():
            self.lost.set_result(None)
        if self._peer is not None:
            self._peer.transport.close()

    def pause_writing(self) -> None:
        self._full = True
        if self._peer is not None:
            self._peer.transport.pause_reading()

    def resume_writing(self) -> None:
        self._full = False
        self.last = self._loop.time()
        if self._peer is not None:
            self._peer.transport.resume_reading()

    def join(self, peer: "Pipe") -> None:
        """Moves bytes between both from now on, what came behind the head first."""
        self._peer, peer._peer = peer, self
        rest = bytes(self._collected)
        self._collected.clear()
        self.moved += len(rest)
        for one, other in ((self, peer), (peer, self)):
            if not other._full:
                one.transport.resume_reading()
        if rest:
            peer.send(rest)

    def send(self, data: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(data)

    def end(self) -> None:
        """Says that no more comes."""
        with suppress(OSError, NotImplementedError, RuntimeError):
            self.transport.write_eof()

    def leave(self) -> None:
        """Takes no more of what comes."""
        self._closed = True
        self._collected.clear()
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def _settle(self, result: bytes | Exception) -> None:
        if self.head.done():
            return
        if isinstance(result, bytes):
            self.head.set_result(result)
        else:
            self.head.set_exception(result)
            # Not everybody who fails is waited for.
            self.head.exception()
