"""Answers for what the edge refuses: Traefik itself has a line of text for it, or cuts the connection.

components/proxy/edge.ts sends such requests here.
"""

import hashlib
import json
from collections import OrderedDict

from jupyterhub.handlers import BaseHandler
from tornado.web import HTTPError, RequestHandler, stream_request_body

RETRY_AFTER = 60
"""Seconds: what the edge limits is counted by the minute."""

TOO_MANY = "Too many attempts to log in from your network. Wait a minute, then try again."
TOO_LARGE = "This is larger than one request may be. Ask an administrator: the limit is edge.maxBodySize."

LARGEST = 10 * 1024**3
"""Bytes of a body that are read to no purpose, so that its sender gets to read the answer."""


class Lockouts:
    """Refusals of the hub's own lockout, which the edge takes for its own: it replaces every answer 429.

    What it asks for instead has the headers of the request that was refused.
    """

    KEPT = 1000

    def __init__(self) -> None:
        # With how many requests of the kind were refused: several at once each get the hub's own words.
        self._refusals: OrderedDict[bytes, tuple[HTTPError, int]] = OrderedDict()

    def put(self, request, refusal: HTTPError) -> None:
        key = self._key(request)
        _, waiting = self._refusals.pop(key, (refusal, 0))
        self._refusals[key] = refusal, waiting + 1
        while len(self._refusals) > self.KEPT:
            self._refusals.popitem(last=False)

    def take(self, request) -> HTTPError | None:
        key = self._key(request)
        if key not in self._refusals:
            return None
        refusal, waiting = self._refusals.pop(key)
        if waiting > 1:
            self._refusals[key] = refusal, waiting - 1
        return refusal

    @staticmethod
    def _key(request) -> bytes:
        found = [request.headers.get(name, "") for name in ("Cookie", "User-Agent", "Authorization")]
        return hashlib.blake2b(json.dumps(found).encode(), digest_size=16).digest()


LOCKOUTS = Lockouts()


class TooManyLogins(BaseHandler):
    """A page, or JSON for a call of the API."""

    async def get(self):
        error = LOCKOUTS.take(self.request)
        if error is None:
            error = HTTPError(429, TOO_MANY, reason="Too Many Requests")
            error.headers = {"Retry-After": str(RETRY_AFTER)}
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

    def prepare(self):
        self.request.connection.set_max_body_size(LARGEST)

    def check_xsrf_cookie(self):
        # Nothing is done here.
        pass

    def data_received(self, chunk):
        pass

    def _answer(self):
        self.set_status(413)
        if "/api/" in self.request.headers.get("X-Replaced-Path", ""):
            self.set_header("Content-Type", "application/json")
            return self.finish(json.dumps({"status": 413, "message": TOO_LARGE}))
        self.finish(f"<!DOCTYPE html><title>Too large</title><h1>413: too large</h1><p>{TOO_LARGE}</p>\n")

    get = head = post = put = patch = delete = options = _answer
