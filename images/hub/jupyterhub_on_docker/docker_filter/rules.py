"""Which calls there are: method, path, query, and whether a body comes with it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlencode

from .denied import Denied

# Versions in which the start of a container takes no body; 1.40 is Docker 19.03.
_VERSION = r"(?P<version>/v1\.(?:[4-9][0-9]|1[0-9][0-9]))"

_NUMBER = re.compile(r"[0-9]{1,4}")
# Of ASCII: with a long s, `false` is the same without regard to case, and to the engine it is true.
_FLAG = re.compile(r"0|1|true|false", re.IGNORECASE | re.ASCII)
_OFF = re.compile(r"0|false", re.IGNORECASE | re.ASCII)
_ANY = re.compile(r".+")
_NO_LIMIT = re.compile(r"-1")
_MOST_KEYS = 20


@dataclass(frozen=True)
class Rule:
    """A call that may be let through."""

    handler: str
    """Who looks at the rest of the call."""
    method: str
    path: str
    """Path behind the version; `{}` stands for the name or id of a container or image."""
    pattern: re.Pattern[str]
    query: Mapping[str, re.Pattern[str]]
    required: frozenset[str]
    """Query keys that have to be there."""
    body: bool
    """Whether the call has a body."""


def _rule(
    handler: str,
    call: str,
    query: Mapping[str, re.Pattern[str]] | None = None,
    *,
    required: Iterable[str] = (),
    body: bool = False,
) -> Rule:
    method, path = call.split()
    # An image's name may have slashes.
    reference = "(?P<reference>.+)" if handler in ("image", "remove_image") else "(?P<reference>[^/]+)"
    # Both are asked before a client knows the version.
    version = f"(?:{_VERSION})?" if path in ("/_ping", "/version") else _VERSION
    pattern = re.compile(version + re.escape(path).replace(re.escape("{}"), reference))
    return Rule(handler, method, path, pattern, query or {}, frozenset(required), body)


RULES = (
    _rule("plain", "GET /_ping"),
    _rule("plain", "HEAD /_ping"),
    _rule("plain", "GET /version"),
    _rule("image", "GET /images/{}/json"),
    _rule("remove_image", "DELETE /images/{}", {"force": _OFF, "noprune": _FLAG}),
    _rule("create_volume", "POST /volumes/create", body=True),
    _rule("create_container", "POST /containers/create", {"name": _ANY}, required={"name"}, body=True),
    _rule(
        "containers",
        "GET /containers/json",
        {"filters": _ANY, "all": _OFF, "size": _OFF, "limit": _NO_LIMIT, "trunc_cmd": _FLAG},
        required={"filters"},
    ),
    _rule("inspect", "GET /containers/{}/json"),
    _rule("start", "POST /containers/{}/start"),
    _rule("server", "POST /containers/{}/stop", {"t": _NUMBER}),
    _rule("server", "DELETE /containers/{}", {"v": _FLAG, "force": _FLAG, "link": _OFF}),
    _rule(
        "server",
        "GET /containers/{}/logs",
        {
            "stdout": _FLAG,
            "stderr": _FLAG,
            "timestamps": _FLAG,
            "tail": re.compile(r"all|[0-9]{1,9}"),
            "follow": _OFF,
        },
    ),
    _rule("look", "HEAD /containers/{}/archive", {"path": _ANY}, required={"path"}),
    _rule("give", "PUT /containers/{}/archive", {"path": _ANY}, required={"path"}, body=True),
    _rule("nodes", "GET /nodes"),
    _rule("tasks", "GET /tasks", {"filters": _ANY}, required={"filters"}),
    _rule("create_service", "POST /services/create", body=True),
    _rule("inspect_service", "GET /services/{}", {"insertDefaults": _FLAG}),
    _rule("remove_service", "DELETE /services/{}"),
    _rule(
        "service_logs",
        "GET /services/{}/logs",
        {
            "stdout": _FLAG,
            "stderr": _FLAG,
            "timestamps": _FLAG,
            "tail": re.compile(r"[0-9]{1,9}"),
            "follow": _OFF,
            "details": _OFF,
            "since": re.compile(r"0"),
        },
        required={"tail"},
    ),
)


@dataclass(frozen=True)
class Call:
    rule: Rule
    version: str
    """`/v1.41`, or nothing where the client gave none."""
    reference: str
    """Container or image of the path, decoded; empty where the path has none."""
    query: Mapping[str, str]

    def target(self, reference: str = "") -> str:
        """Path and query for the engine, written anew, with a name or id that was checked."""
        query = f"?{urlencode(self.query)}" if self.query else ""
        return f"{self.version}{self.rule.path.format(quote(reference, safe='/:'))}{query}"


def match(method: str, target: str) -> Call:
    """The rule for a call and what it takes from the path and query. Raises Denied where there is none."""
    raw_path, _, raw_query = target.partition("?")
    if not target.isascii() or not target.isprintable():
        raise Denied("the address of this call has characters that an address cannot have")
    try:
        # Decoded once, as the engine does it; what a second decoding would change is no name that is allowed.
        path = unquote(raw_path, errors="strict")
    except UnicodeDecodeError:
        raise Denied("the address of this call is not UTF-8") from None
    for rule in RULES:
        if rule.method == method and (found := rule.pattern.fullmatch(path)):
            groups = found.groupdict()
            query = _query(rule, raw_query)
            return Call(rule, groups.get("version") or "", groups.get("reference") or "", query)
    raise Denied("no rule allows this call")


def _query(rule: Rule, raw: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            raw, keep_blank_values=True, strict_parsing=bool(raw), errors="strict", max_num_fields=_MOST_KEYS
        )
    except ValueError:
        raise Denied("query cannot be read") from None
    query = dict(pairs)
    if len(query) != len(pairs):
        raise Denied("a query key appears twice")
    for key, value in pairs:
        if key not in rule.query or not rule.query[key].fullmatch(value):
            raise Denied(f"query {key}={value!r} is not allowed")
    if missing := rule.required - query.keys():
        raise Denied(f"query {', '.join(sorted(missing))} is missing")
    return query
