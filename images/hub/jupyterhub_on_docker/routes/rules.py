"""Rules of Traefik for routes of the hub. Pure."""

import re
from urllib.parse import quote, unquote

_ESCAPED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")

# What Traefik leaves as it is in the path that it compares, where a request has it escaped. (All the rest it
# unescapes: RFC 3986's unreserved characters, and those that no address may have as they are.)
_RESERVED = frozenset(":/?#[]@!$&'()*+,;=%")

# Of a Go string's other characters, those that no address has as they are, and quotes and braces.
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._~/@%:!$&'()*+,;=-]")


def rule(routespec: str) -> str:
    """The rule for what is at a route and below it: `[host]/path/`, escaped as in addresses."""
    if not routespec.endswith("/"):
        raise ValueError("expected a route that ends with /")
    host, slash, rest = routespec.partition("/")
    path = _compared(slash + rest)
    matchers = [f"PathPrefix({_literal(path)})"]
    if bare := path.rstrip("/"):
        matchers.append(f"Path({_literal(bare)})")
    below = f"( {' || '.join(matchers)} )" if bare else matchers[0]
    return f"Host({_literal(unquote(host))}) && {below}" if host else below


def _compared(path: str) -> str:
    """A path as Traefik compares it, from one as browsers and the hub send it."""

    def unescaped(found: re.Match[str]) -> str:
        text = unquote(found[0], errors="surrogateescape")
        return "".join(quote(c, safe="") if c in _RESERVED else c for c in text)

    return _ESCAPED.sub(unescaped, path)


def _literal(text: str) -> str:
    """Text as a string in a rule, which is one of Go. Plain ASCII comes out, whatever goes in."""
    return f'"{_NOT_PLAIN.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if 0xDC80 <= code <= 0xDCFF:
        # A byte that is no part of a character.
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
