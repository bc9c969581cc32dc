"""Answers for what the edge refuses: Traefik itself has a line of text for it, or cuts the connection.

components/proxy/edge.ts sends such requests here.
"""

import hashlib
import json
from collections import OrderedDict
from typing import Any

from jupyterhub.handlers import BaseHandler
from tornado.httputil import HTTPServerRequest
from tornado.web import HTTPError, RequestHandler, stream_request_body

RETRY_AFTER = 60
"""Seconds: what the edge limits is counted by the minute."""

TOO_MANY = "Too many attempts to log in from your network. Wait a minute, then try again."
TOO_LARGE = "This request is too large. Ask an administrator to raise the limit, edge.maxBodySize."

LARGEST = 10 * 1024**3
"""Bytes of a body that are read to no purpose, so that its sender gets to read the answer."""


class Refusal(HTTPError):
    """An error whose page has headers of its own: the page of an error begins with none, and takes these."""

    def __init__(self, message: str, reason: str, headers: dict[str, str]) -> None:
        super().__init__(429, message, reason=reason)
        self.headers = headers


class Lockouts:
    """Refusals of the hub's own lockout, which the edge takes for its own: it replaces every answer 429.

    What it asks for instead has the headers of the request that was refused.
    """

    KEPT = 1000

    def __init__(self) -> None:
        # With how many requests of the kind were refused: several at once each get the hub's own words.
        self._refusals: OrderedDict[bytes, tuple[Refusal, int]] = OrderedDict()

    def put(self, request: HTTPServerRequest, refusal: Refusal) -> None:
        key = self._key(request)
        _, waiting = self._refusals.pop(key, (refusal, 0))
        self._refusals[key] = refusal, waiting + 1
        while len(self._refusals) > self.KEPT:
            self._refusals.popitem(last=False)

    def take(self, request: HTTPServerRequest) -> Refusal | None:
        key = self._key(request)
        if key not in self._refusals:
            return None
        refusal, waiting = self._refusals.pop(key)
        if waiting > 1:
            self._refusals[key] = refusal, waiting - 1
        return refusal

    @staticmethod
    def _key(request: HTTPServerRequest) -> bytes:
        found = [request.headers.get(name, "") for name in ("Cookie", "User-Agent", "Authorization")]
        return hashlib.blake2b(json.dumps(found).encode(), digest_size=16).digest()


LOCKOUTS = Lockouts()


class TooManyLogins(BaseHandler):
    """A page, or JSON for a call of the API."""

    async def get(self) -> None:
        error = LOCKOUTS.take(self.request)
        if error is None:
            error = Refusal(TOO_MANY, "Too Many Requests", {"Retry-After": str(RETRY_AFTER)})
        if "/hub/api/" not in self.get_argument("url", ""):
            raise error
        self.set_status(429)
        self.set_header("Content-Type", "application/json")
        for name, value in error.headers.items():
            self.set_header(name, value)
        self.finish(json.dumps({"status": 429, "message": error.log_message}))


@stream_request_body
class TooLarge(RequestHandler):
    """Reads a body that is too large, keeps nothing of it, and says so at its end.

    A client that is still sending when the connection ends does not see an answer.
    """

    def prepare(self) -> None:
        connection: Any = self.request.connection
        connection.set_max_body_size(LARGEST)

    def check_xsrf_cookie(self) -> None:
        # Nothing is done here.
        pass

    def data_received(self, chunk: bytes) -> None:
        pass

    def _answer(self) -> None:
        self.set_status(413)
        if "/api/" in self.request.headers.get("X-Replaced-Path", ""):
            self.set_header("Content-Type", "application/json")
            self.finish(json.dumps({"status": 413, "message": TOO_LARGE}))
            return
        self.finish(f"<!DOCTYPE html><title>Too large</title><h1>413: too large</h1><p>{TOO_LARGE}</p>\n")

    get = head = post = put = patch = delete = options = _answer
