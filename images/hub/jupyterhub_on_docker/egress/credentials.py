"""Who a request is from: credentials that the hub makes for each server, and that only its key can make.

They say the user's name and groups, and are signed. The proxy keeps no list, so it knows everybody after a
restart of itself or of the hub.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True)
class Identity:
    user: str
    groups: frozenset[str]


def password(key: bytes, user: str, groups: Iterable[str]) -> str:
    """The password of a user's server."""
    claims = json.dumps([user, sorted(groups)], ensure_ascii=False, separators=(",", ":")).encode()
    return f"{_encode(claims)}.{_encode(_signature(key, claims))}"


def identify(key: bytes, header: str | None) -> Identity | None:
    """Who a `Proxy-Authorization` header stands for; None for nobody."""
    scheme, _, value = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        # The name before the colon is for people who read their environment; the signed one counts.
        _, _, secret = base64.b64decode(value.strip(), validate=True).decode().partition(":")
        claims, signature = map(_decode, secret.split("."))
    except (binascii.Error, ValueError):
        return None
    if not hmac.compare_digest(signature, _signature(key, claims)):
        return None
    user, groups = json.loads(claims)
    return Identity(user, frozenset(groups))


def environment(
    key: bytes, host: str, port: int, user: str, groups: Iterable[str], direct: list[str]
) -> dict[str, str]:
    """Variables by which programs in a server find the proxy. `direct` are hosts that need none."""
    url = f"http://{quote(user, safe='')}:{password(key, user, groups)}@{host}:{port}"
    without = ",".join(["localhost", "127.0.0.1", "::1", *direct])
    # curl knows http_proxy in small letters only; others know either.
    return {
        **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), url),
        **dict.fromkeys(("NO_PROXY", "no_proxy"), without),
        # Node.js 24's own fetch asks to be told.
        "NODE_USE_ENV_PROXY": "1",
    }


def _signature(key: bytes, claims: bytes) -> bytes:
    return hmac.new(key, b"egress\0" + claims, hashlib.sha256).digest()


def _encode(data: bytes) -> str:
    # Nothing that has to be quoted in an address.
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
