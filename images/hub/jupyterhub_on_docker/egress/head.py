"""The head of a request to a proxy."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_METHOD = re.compile(r"[A-Z]{1,20}")
_HOP_BY_HOP = frozenset(
    ("connection", "keep-alive", "proxy-connection", "proxy-authorization", "te", "trailer", "upgrade")
)


LONGEST_HOST = 253
"""Characters of a host's name, which is written to the log."""


class BadRequest(Exception):
    """A request that cannot be read."""


@dataclass(frozen=True)
class Head:
    method: str
    host: str
    port: int
    authorization: str | None
    forwarded: bytes
    """What goes to the server first; nothing for a tunnel."""


def parse(data: bytes) -> Head:
    try:
        first, *lines = data.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
        method, target, version = first.split(" ")
        headers = [_header(line) for line in lines]
    except ValueError:
        raise BadRequest("not an HTTP request") from None
    if not _METHOD.fullmatch(method) or version not in ("HTTP/1.0", "HTTP/1.1"):
        raise BadRequest("not an HTTP/1.0 or HTTP/1.1 request")
    authorization = next((value for name, value in headers if name == "proxy-authorization"), None)
    if method == "CONNECT":
        host, port = _address(f"//{target}", None)
        return Head(method, host, port, authorization, b"")
    if not target.lower().startswith("http://"):
        raise BadRequest("expected CONNECT, or an address that starts with http://")
    host, port = _address(target, 80)
    kept = [(name, value) for name, value in headers if name not in _HOP_BY_HOP and name != "host"]
    url = urlsplit(target)
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    authority = host if port == 80 else f"{host}:{port}"
    # One request a connection: what comes after the first goes to the same, checked server at any rate.
    kept = [("host", authority), *kept, ("connection", "close")]
    text = "".join(f"{name}: {value}\r\n" for name, value in kept)
    return Head(
        method, host, port, authorization, f"{method} {path} HTTP/1.1\r\n{text}\r\n".encode("latin-1")
    )


def _header(line: str) -> tuple[str, str]:
    name, separator, value = line.partition(":")
    if not separator or not name or name != name.strip() or "\n" in line or "\r" in line:
        raise ValueError
    return name.lower(), value.strip()


def _address(target: str, default: int | None) -> tuple[str, int]:
    try:
        url = urlsplit(target)
        host, port = url.hostname, url.port or default
    except ValueError:
        raise BadRequest("the address cannot be read") from None
    if not host or port is None or url.username is not None:
        raise BadRequest("expected a host and a port")
    return host, port
