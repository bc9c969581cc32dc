"""Bounds what the hub keeps of a request's body, whoever sends it and whether its length is told."""

from collections.abc import Awaitable

from tornado.http1connection import HTTP1Connection
from tornado.httputil import HTTPHeaders, HTTPMessageDelegate, RequestStartLine, ResponseStartLine
from tornado.web import _HandlerDelegate

from .edge_pages import LARGEST, TOO_LARGE

HUB_BODY = 10 * 1024**2
"""Bytes: nothing that is sent to the hub comes near. The edge has the same (components/proxy/edge.ts)."""


class Bounded(HTTPMessageDelegate):
    """Passes a request on up to the limit; reads what is over it to no purpose, and then answers 413.

    A client that is still sending when the connection ends does not see an answer.
    """

    def __init__(
        self, delegate: _HandlerDelegate, connection: HTTP1Connection, limit: int = HUB_BODY
    ) -> None:
        connection.set_max_body_size(LARGEST)
        self._delegate = delegate
        self._connection = connection
        self._limit = limit
        self._size = 0

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        return self._delegate.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        self._size += len(chunk)
        if self._size <= self._limit:
            return self._delegate.data_received(chunk)
        # Of the handler's delegate: what it has kept so far is of no use any more.
        self._delegate.chunks.clear()
        return None

    def finish(self) -> None:
        if self._size <= self._limit:
            self._delegate.finish()
            return
        body = f"{TOO_LARGE}\n".encode()
        headers = HTTPHeaders({"Content-Type": "text/plain; charset=UTF-8", "Content-Length": str(len(body))})
        self._connection.write_headers(ResponseStartLine("", 413, "Request Entity Too Large"), headers, body)
        self._connection.finish()

    def on_connection_close(self) -> None:
        self._delegate.on_connection_close()
